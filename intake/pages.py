"""Where the window works on an application: the address its duties and notices lead to."""

from .models import Application


def application_page(application: Application) -> str:
    return f"/intake/applications/{application.pk}/edit/"
