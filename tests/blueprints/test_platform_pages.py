from flask.testing import FlaskClient

from tests.cast import Cast


def test_front_page_lists_the_businesses(client: FlaskClient, cast: Cast) -> None:
    answer = client.get("/")
    assert answer.status_code == 200
    assert f'href="/{cast.slug}"' in answer.get_data(as_text=True)


def test_errors_share_the_frame_and_offer_one_way_on(client: FlaskClient, cast: Cast) -> None:
    for path, status in (
        ("/x/y/z", 404),
        (f"/{cast.slug}/rdv?prestation=rien", 404),
        (f"/{cast.slug}/rdv/retenu/abc", 410),
    ):
        answer = client.get(path)
        html = answer.get_data(as_text=True)
        assert answer.status_code == status
        assert 'class="skip"' in html
        assert html.split("<main")[1].count('class="btn"') == 1
