"""Installing a plugin from an archive: upload, preview, a dry run, the installation or update (2.3.3, Upload).

Each page asks for the password first. Nothing of the plugin's code runs before a button is pressed.
"""

from __future__ import annotations

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal.accounts.confirming import requires_confirmation
from portal.accounts.loading import load_user
from portal.pluginengine import lifecycle
from portal.pluginengine.archive import ArchiveRefused, PluginArchive
from portal.pluginengine.errors import Fault, Refused
from portal.pluginengine.lifecycle import Outcome, Upload
from portal.pluginengine.store import StoredArchive
from portal.siteadmin.menu import PLUGINS
from portal.siteadmin.pluginforms import InstallForm, UpdateForm, UploadForm
from portal.siteadmin.previews import Preview, preview_of
from portal.siteadmin.uploads import keep, kept, largest_body, require_uploads, uploads_are_on
from portal.siteadmin.views.blueprint import bp
from portal.siteadmin.views.outcomes import is_rehearsal, told
from portal.web.current import current
from portal.web.transactions import takes_at_most, transaction


@bp.get("/plugin-install")
def new_plugin() -> ResponseReturnValue:
    """Offer the upload, or say that the operator has locked it."""
    return _offer() if uploads_are_on() else _upload_page(None)


@bp.post("/plugin-install")
@transaction("read")
@takes_at_most(largest_body)
def upload_plugin() -> ResponseReturnValue:
    """Judge an archive and keep it; all of its faults are told, and then nothing is kept."""
    require_uploads()
    return _take()


@bp.get("/plugin-install/<sha256>")
def preview_plugin(sha256: str) -> ResponseReturnValue:
    """Show what an uploaded archive declares and what it would be on this site."""
    require_uploads()
    return _show(sha256)


@bp.post("/plugin-install/<sha256>")
@transaction("read")
def install_plugin(sha256: str) -> ResponseReturnValue:
    """Install or update from an uploaded archive, or try it."""
    require_uploads()
    return _install(sha256)


@requires_confirmation
def _offer() -> ResponseReturnValue:
    return _upload_page(UploadForm())


@requires_confirmation
def _take() -> ResponseReturnValue:
    form = UploadForm()
    if not form.validate_on_submit():
        return _upload_page(form), 422
    try:
        archive = keep(form.archive.data.read(), current.viewer.user_id)
    except ArchiveRefused as refused:
        return _upload_page(form, refused.faults), 422
    return redirect(url_for("siteadmin.preview_plugin", sha256=archive.sha256), 303)


@requires_confirmation
def _show(sha256: str) -> ResponseReturnValue:
    archive, stored = kept(sha256)
    preview = preview_of(archive)
    return _preview_page(preview, stored, _form_of(preview))


@requires_confirmation
def _install(sha256: str) -> ResponseReturnValue:
    archive, stored = kept(sha256)
    preview = preview_of(archive)
    form = _form_of(preview)
    if form is None or not form.validate_on_submit():
        return _preview_page(preview, stored, form), 409 if form is None else 422
    try:
        outcome = _operate(archive, form, is_rehearsal())
    except Refused as refusal:
        return _preview_page(*_again(sha256), form, refusal=str(refusal)), 409
    if is_rehearsal():
        return _preview_page(*_again(sha256), form, outcome=outcome)
    return told(outcome, url_for("siteadmin.show_plugin", code=archive.manifest.code))


def _operate(archive: PluginArchive, form: InstallForm | UpdateForm, is_rehearsed: bool) -> Outcome:
    upload = Upload(archive=archive, uploaded_by=current.viewer.user_id)
    if isinstance(form, UpdateForm):
        return lifecycle.update(upload, allow_older=bool(form.older.data), dry_run=is_rehearsed)
    return lifecycle.install(upload, enable=bool(form.enable.data), dry_run=is_rehearsed)


def _again(sha256: str) -> tuple[Preview, StoredArchive]:
    """Return the preview as it is after an operation, whose transaction has ended the one of before."""
    archive, stored = kept(sha256)
    return preview_of(archive), stored


def _form_of(preview: Preview) -> InstallForm | UpdateForm | None:
    """Return the form that fits: none where nothing can be done."""
    if preview.verdict.verb == "install":
        return InstallForm(data={"enable": True})
    return UpdateForm() if preview.verdict.verb == "update" else None


def _upload_page(form: UploadForm | None, faults: tuple[Fault, ...] = ()) -> str:
    return render_template(
        "siteadmin/plugin_upload.html", form=form, faults=faults, active_section=PLUGINS
    )


def _preview_page(
    preview: Preview,
    stored: StoredArchive,
    form: InstallForm | UpdateForm | None,
    *,
    outcome: Outcome | None = None,
    refusal: str = "",
) -> str:
    return render_template(
        "siteadmin/plugin_preview.html",
        preview=preview,
        stored=stored,
        uploader=_name_of(stored.uploaded_by),
        form=form,
        outcome=outcome,
        refusal=refusal,
        active_section=PLUGINS,
    )


def _name_of(user_id: int | None) -> str:
    user = load_user(user_id) if user_id is not None else None
    return user.user_name if user is not None else ""
