from tools.translations import extracted


def texts() -> set[str]:
    return {text for message in extracted() for text in ([message] if isinstance(message, str) else message)}


def test_what_is_shown_can_be_translated() -> None:
    found = texts()
    for text in (
        "Quel moment vous convient\xa0?",  # a template
        "%(num)s créneaux",  # its plural
        "Demain, %(day)s",  # a view
        "Réservation introuvable. Vérifiez le code et l’adresse e-mail.",  # an error
        "Ce champ est obligatoire.",  # an input's fault
        "Indiquez votre nom.",  # a form's
        "Cette demande vient d’un autre site. Ouvrez la page et recommencez.",  # a guard's
    ):
        assert text in found, text


def test_the_source_language_writes_its_apostrophes_curly() -> None:
    assert [text for text in texts() if "'" in text] == []
