"""The WSGI application gunicorn serves."""

import os

from django.core.checks import Tags, run_checks
from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()
if unsafe := [message.msg for message in run_checks(tags=[Tags.security]) if message.is_serious()]:
    raise ImproperlyConfigured(" ".join(unsafe))
