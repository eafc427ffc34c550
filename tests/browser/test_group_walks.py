"""Groups in a real browser: register, judge, administer, join, leave, hold, delete (forge 4.6 to 4.8)."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.walking import WalkedSite, address_of, expect_page, expect_told, main

pytestmark = pytest.mark.browser


def register(page: Page, name: str, full_name: str) -> None:
    """Register a group from My page on."""
    page.goto("/my/")
    page.get_by_role("link", name="Register a group").click()
    expect_page(page, "/groups/new", "Register a group")
    page.get_by_label("Full name").fill(full_name)
    page.get_by_label("Name in addresses").fill(name)
    page.get_by_label("Purpose").fill("To gather what was learned on the way.")
    page.get_by_label("Description").fill("Notes of people who have been there and came back.")
    page.get_by_label("Everybody may see this group").check()
    page.get_by_role("button", name="Register the group").click()
    expect_page(page, "/my/", "My page")
    expect_told(page, f"The group {full_name} awaits approval. You will get a mail.")
    expect(page.locator("section", has_text="Awaiting approval")).to_contain_text(full_name)


def test_a_group_is_registered_approved_and_its_founder_administers_members_and_roles(
    walked: WalkedSite, walk: OpenPage
) -> None:
    walked.add_person("mission")
    member = walked.add_person("eugene")
    founder, approver = walk("mission"), walk("admin")
    register(founder, "skylab", "Skylab Workshop")

    link = walked.post.link("admin@", "awaits approval at Portal: skylab", "/pending/")
    approver.goto(link)
    expect_page(approver, "/admin/groups/pending/", "Approval queue")
    main(approver).get_by_title("Approve skylab").click()
    expect_told(approver, "Approved: Skylab Workshop.")

    link = walked.post.link(address_of("mission"), "Your group skylab is open", "/admin/")
    founder.goto(link)
    expect_page(founder, "/groups/skylab/admin/", "Information")
    founder.get_by_label("Home page").fill("https://skylab.example/")
    founder.get_by_role("button", name="Save changes").click()
    expect_told(founder, "The group's information was saved.")

    founder.get_by_role("link", name="Members", exact=True).last.click()
    expect_page(founder, "/groups/skylab/admin/members", "Members")
    founder.get_by_label("User name or e-mail address").fill("nobody-at-all")
    founder.get_by_role("button", name="Add").click()
    expect(founder.get_by_role("alert")).to_contain_text("There is no account named nobody-at-all.")
    founder.get_by_label("User name or e-mail address").fill("eugene")
    founder.get_by_label("Role", exact=True).select_option("Reader")
    founder.get_by_role("button", name="Add").click()
    expect_told(founder, f"{member} is now a member.")
    assert walked.post.link(address_of("eugene"), "You were added", "/leave")

    row = main(founder).locator(".row-item", has_text="eugene")
    row.get_by_role("link", name="Roles of eugene").click()
    expect_page(founder, "/groups/skylab/admin/members/eugene/", member)
    founder.get_by_label("Developer").check()
    founder.get_by_role("button", name="Save roles").click()
    expect_told(founder, f"{member} now has: Developer, Reader.")
    expect(row).to_contain_text("Developer, Reader")

    row.get_by_title("Remove eugene").click()
    expect_told(founder, f"{member} is no longer a member.")
    expect(row).to_have_count(0)
    founder.get_by_role("link", name="History").click()
    expect_page(founder, "/groups/skylab/admin/history", "History")
    expect(main(founder)).to_contain_text("https://skylab.example/")


def test_a_role_is_made_for_a_group_and_given_to_a_member(
    walked: WalkedSite, walk: OpenPage
) -> None:
    walked.add_person("guenter")
    member = walked.add_person("wally")
    walked.add_group("pad", "guenter", "wally")
    page = walk("guenter")
    page.goto("/groups/pad/admin/roles")
    page.get_by_role("link", name="New role").click()
    expect_page(page, "/groups/pad/admin/roles/new", "New role")
    page.get_by_label("Name", exact=True).fill("Pad leader")
    page.get_by_role("checkbox").first.check()
    page.get_by_role("button", name="Save role").click()
    expect_told(page, "The role Pad leader was made.")
    page.goto("/groups/pad/admin/members/wally/")
    page.get_by_label("Reader").uncheck()
    page.get_by_label("Pad leader").check()
    page.get_by_role("button", name="Save roles").click()
    expect_told(page, f"{member} now has: Pad leader.")


def test_a_group_is_rejected_with_a_reason_that_its_founder_gets_by_mail(
    walked: WalkedSite, walk: OpenPage
) -> None:
    walked.add_person("icarus")
    founder, approver = walk("icarus"), walk("admin")
    register(founder, "waxwings", "Wings of Wax")
    approver.goto("/admin/groups/pending/")
    card = main(approver).locator("section", has_text="waxwings")
    card.locator("summary").click()
    card.get_by_role("button", name="Reject").click()
    expect(card.get_by_role("alert")).to_be_visible()
    card.get_by_label("Your own words").fill("Too close to the sun.")
    card.get_by_role("button", name="Reject").click()
    expect_told(approver, "The group Wings of Wax was rejected.")
    mail = walked.post.mail(address_of("icarus"), "Your group waxwings was not approved")
    assert "Too close to the sun." in str(mail)
    founder.reload()
    expect(main(founder)).not_to_contain_text("Wings of Wax")


def ask_to_join(page: Page, group: str, words: str) -> None:
    """Ask to be taken into a group, from its page on."""
    page.goto(f"/groups/{group}/")
    page.get_by_role("link", name="Request to join").click()
    expect_page(page, f"/groups/{group}/join", "Request to join")
    page.get_by_label("Why you want to join").fill(words)
    page.get_by_role("button", name="Send request").click()
    expect_told(page, "Your request is on its way.")


def test_requests_to_join_are_accepted_rejected_and_withdrawn(
    walked: WalkedSite, walk: OpenPage
) -> None:
    walked.add_person("chris")
    full_name = walked.add_group("capcom", "chris")
    names = {name: walked.add_person(name) for name in ("alan", "gus", "deke")}
    pages = {name: walk(name) for name in names}
    for name, page in pages.items():
        ask_to_join(page, "capcom", f"{name} would like to talk to the crew.")

    pages["deke"].goto("/groups/capcom/")
    pages["deke"].get_by_role("button", name="Withdraw my request to join").click()
    expect_told(pages["deke"], "Your request was withdrawn.")

    founder = walk("chris")
    founder.goto("/my/")
    expect(main(founder)).to_contain_text(f"2 requests to join {full_name} await an answer.")
    main(founder).get_by_role("link", name="Answer").click()
    expect_page(founder, "/groups/capcom/admin/members", "Members")
    expect(main(founder)).not_to_contain_text("deke")
    founder.get_by_role("link", name="Answer the request of alan").click()
    expect_page(founder, "/groups/capcom/admin/requests/alan/", f"Request of {names['alan']}")
    expect(main(founder)).to_contain_text("alan would like to talk to the crew.")
    founder.get_by_label("Role", exact=True).select_option("Developer")
    founder.get_by_role("button", name="Accept").click()
    expect_told(founder, f"{names['alan']} is now a member.")
    link = walked.post.link(address_of("alan"), f"You are a member of {full_name}", "/capcom/")
    pages["alan"].goto(link)
    expect_page(pages["alan"], "/groups/capcom/", full_name)
    expect(pages["alan"].get_by_role("link", name="Leave this group")).to_be_visible()

    founder.goto(walked.post.link("chris@", f"{names['gus']} asks to join", "/requests/gus/"))
    founder.get_by_label("Reason").fill("The hatch blew. Come again next year.")
    founder.get_by_role("button", name="Reject").click()
    expect_told(founder, f"The request of {names['gus']} was rejected.")
    mail = walked.post.mail(address_of("gus"), f"Your request to join {full_name}")
    assert "Come again next year." in str(mail)
    pages["gus"].goto("/groups/capcom/")
    expect(pages["gus"].get_by_role("link", name="Request to join")).to_be_visible()


def test_a_member_leaves_and_the_last_administrator_cannot(
    walked: WalkedSite, walk: OpenPage
) -> None:
    walked.add_person("walter")
    walked.add_person("scott")
    full_name = walked.add_group("aurora", "walter", "scott")
    member, last = walk("scott"), walk("walter")
    member.goto("/groups/aurora/")
    member.get_by_role("link", name="Leave this group").click()
    expect_page(member, "/groups/aurora/leave", "Leave this group")
    member.get_by_role("button", name=f"Leave {full_name}").click()
    expect_told(member, f"You have left the group {full_name}.")
    member.goto("/my/")
    expect(main(member)).not_to_contain_text(full_name)

    last.goto("/groups/aurora/leave")
    expect(main(last)).to_contain_text("You are the last administrator of this group")
    expect(main(last).get_by_role("button")).to_have_count(0)


def test_a_site_admin_puts_a_group_on_hold_deletes_and_restores_it(
    walked: WalkedSite, walk: OpenPage
) -> None:
    walked.add_person("wernher")
    full_name = walked.add_group("saturn", "wernher")
    page, member = walk("admin"), walk("wernher")
    page.goto("/admin/groups/?q=saturn")
    main(page).get_by_role("link", name="saturn", exact=True).click()
    expect_page(page, "/admin/groups/saturn/", full_name)
    page.get_by_role("button", name="Put on hold").click()
    expect_told(page, f"The group {full_name} is on hold.")
    assert status_of(member, "/groups/saturn/") == 404

    page.get_by_role("link", name="Delete…").click()
    expect_page(page, "/admin/groups/saturn/delete", f"Delete {full_name}?")
    page.get_by_role("button", name="Delete the group").click()
    expect(page.get_by_role("alert")).to_contain_text("Tick this box, too.")
    for box in page.get_by_role("main").get_by_role("checkbox").all():
        box.check()
    page.get_by_role("button", name="Delete the group").click()
    expect_told(page, f"The group {full_name} is deleted.")
    assert status_of(member, "/groups/saturn/") == 404

    page.get_by_role("button", name="Restore").click()
    expect_told(page, f"The group {full_name} is open again.")
    assert status_of(member, "/groups/saturn/") == 200
    expect_page(member, "/groups/saturn/", full_name)


def status_of(page: Page, path: str) -> int:
    """Open a page and return its status."""
    answer = page.goto(path)
    assert answer is not None
    return answer.status
