"""The WSGI entry point: ``gunicorn wsgi:application``."""

from portal.app import create_site
from portal.config import Settings
from portal.core.logs import configure_logging
from portal.pluginengine.sweeping import put_in_order

settings = Settings.load()
configure_logging(settings.log_level, as_json=not settings.development)
application = create_site(settings)
put_in_order(application.app)
