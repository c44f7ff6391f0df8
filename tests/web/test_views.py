"""Saved views: one's own and everybody's; and what is new since a user's last visit, whichever browser they use."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import httpx

from rollforward import api
from rollforward.state import Actor

from .serving import WORDS, csrf, serving
from .small import small

BY = Actor("root", "cli")


def menu(client: httpx.Client) -> dict[str, str]:
    page = client.get("/views").text
    found = re.findall(r'<nav class="menu saved".*?</nav>', page, re.DOTALL)
    return {unescape(n): unescape(a) for a, n in re.findall(r'<a href="([^"]*)"[^>]*>([^<]*)', "".join(found))}


def test_views_are_saved_shared_renamed_and_deleted_with_undo(tmp_path: Path) -> None:
    store = api.open(small(tmp_path))
    for name, role in (("root", "admin"), ("ann", "analyst"), ("vera", "viewer"), ("rita", "restricted")):
        store.state.users.add(BY, name, role, WORDS)
    with serving(store.path) as site:
        ann, vera, rita = (site.logged_in(name) for name in ("ann", "vera", "rita"))

        def post(client: httpx.Client, path: str, **form: str) -> httpx.Response:
            return client.post(path, data={"csrf": csrf(client), **form})

        page = ann.get("/roll-forward?by=quarter&where=country%3DDE&lang=en").text
        here = unescape(re.findall(r'name="address" value="([^"]*)"', page)[0])
        assert here == "/roll-forward?by=quarter&where=country=DE"
        assert post(ann, "/views", name="Germany", address=here, shared="1").headers["location"] == here
        assert post(ann, "/views", name="<b>mine</b>", address="/retention").status_code == 303
        assert menu(ann) == {"Germany": here, "<b>mine</b>": "/retention"} and menu(vera) == {"Germany": here}
        assert menu(rita) == {}, "what others call an account may be in it"

        assert post(vera, "/views", name="x", address="/", shared="1").status_code == 403
        assert post(vera, "/views/delete", view="1", shared="1").status_code == 403
        assert post(vera, "/views/delete", view="2").status_code == 404
        refused = post(vera, "/views", name="x", address="//evil.example")
        assert refused.status_code == 400 and "is no address of this application" in refused.text
        assert post(ann, "/views/rename", view="2", name="Stay").status_code == 303
        gone = post(ann, "/views/delete", view="1", shared="1").text
        assert "Germany is deleted." in gone and menu(vera) == {}
        form = dict(
            re.findall(
                r'name="(name|address|shared)" value="([^"]*)"', gone.split('class="flash"')[1].split("</form>")[0]
            )
        )
        assert post(ann, "/views", **{n: unescape(v) for n, v in form.items()}).status_code == 303
        assert menu(vera) == {"Germany": here} and set(menu(ann)) == {"Germany", "Stay"}
        said = [a.action for a in store.state.audit.rows(action="view")]
        assert said[0] == "view.add" and {"view.rename", "view.delete"} < set(said)


def test_what_is_new_is_known_of_a_user_in_every_browser(tmp_path: Path) -> None:
    store = api.open(small(tmp_path))
    store.state.users.add(BY, "root", "admin", WORDS)
    with serving(store.path) as site:
        assert "New since your last visit" not in site.logged_in("root").get("/").text
        (tmp_path / "more.csv").write_text("account_id,name\nacme,Acme & Sons\n", encoding="utf-8")
        store.import_(tmp_path / "more.csv", kind="accounts")
        other = site.logged_in("root")
        assert "more.csv" in other.get("/").text.split("New since your last visit")[1]
        assert "New since your last visit" in other.get("/").text, "for as long as the visit lasts"
        assert "New since your last visit" not in site.logged_in("root").get("/").text


def test_who_has_a_file_that_ends_long_ago_is_told_so(tmp_path: Path) -> None:
    head = "account_id,account_name,region,subscription_id,plan,start_date,end_date,amount,currency\n"
    (tmp_path / "s.csv").write_text(
        head + "a,Acme,north,s,pro,2024-01-05,,10.00,EUR\nb,Bolt,south,t,pro,2024-03-05,2024-05-01,5,EUR\n"
    )
    store = api.open(tmp_path / "store")
    store.import_(tmp_path / "s.csv", trust_valid_time=True)
    with serving(store.path) as site:
        client = site.client()
        page = client.get("/").text
        assert "Nothing has moved since 2024-05." in page
        then = client.get(unescape(re.findall(r'href="(/\?to=2024-05[^"]*)"', page)[0])).text
        assert "Nothing has moved" not in then and "2024-05, the last period that is over" in then


def test_customers_are_called_by_the_name_that_their_file_has(tmp_path: Path) -> None:
    (tmp_path / "accounts.csv").write_text("account_id,account_name,industry,seats\na,Acme,Retail,3\nb,Bolt,Tech,4\n")
    seen = api.open(tmp_path / "store").preview(tmp_path / "accounts.csv")
    assert (seen.kind, seen.settings.columns["name"], seen.settings.columns["industry"]) == (
        "accounts",
        "account_name",
        "industry",
    )
    assert seen.outcome is not None and seen.outcome.files[0].accepted == 2 and seen.unread == ()
