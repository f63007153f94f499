"""Where the window works on an application: the address its duties and notices lead to."""

from django.urls import reverse

from .models import Application


def application_page(application: Application) -> str:
    return reverse("intake:application_edit", args=[application.pk])
