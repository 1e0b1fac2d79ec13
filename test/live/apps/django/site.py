"""A Django site in one file: a form that is guarded against forgery, and the name of its visitor."""
import os
import sys

import django
from django.conf import settings

settings.configure(
    SECRET_KEY=os.urandom(32).hex(),
    ALLOWED_HOSTS=[os.environ["PUBLIC_HOST"]],
    USE_X_FORWARDED_HOST=bool(os.environ["USE_X_FORWARDED_HOST"]),
    ROOT_URLCONF="__main__",
    SECURE_PROXY_SSL_HEADER=("HTTP_X_FORWARDED_PROTO", "https"),
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
    ],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "__main__.GatehouseUser",
    ],
    AUTHENTICATION_BACKENDS=["django.contrib.auth.backends.RemoteUserBackend"],
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.environ["DATABASE"]}},
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
)

django.setup()

# Modules of Django read the settings when they are imported.
from django.contrib.auth.middleware import RemoteUserMiddleware  # noqa: E402
from django.core.management import execute_from_command_line  # noqa: E402
from django.http import HttpResponse  # noqa: E402
from django.shortcuts import redirect  # noqa: E402
from django.template import engines  # noqa: E402
from django.urls import path  # noqa: E402


class GatehouseUser(RemoteUserMiddleware):
    header = "HTTP_X_FORWARDED_EMAIL"


def form(request):
    if request.method == "POST":
        return redirect(request.build_absolute_uri("/sent"))
    text = "<form method=post>{% csrf_token %}<button>Send</button></form>{{ who }} {{ here }}"
    facts = {"who": request.user.get_username(), "here": request.build_absolute_uri()}
    return HttpResponse(engines["django"].from_string(text).render(facts, request))


def sent(request):
    return HttpResponse(f"sent by {request.user.get_username()}")


urlpatterns = [path("", form), path("sent", sent)]

if __name__ == "__main__":
    execute_from_command_line([sys.argv[0], "migrate", "--verbosity", "0"])
    execute_from_command_line([sys.argv[0], "runserver", "--noreload", os.environ["LISTEN"]])
