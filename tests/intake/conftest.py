"""Applications in the states most tests begin from."""

import pytest

from tests.intake.factories import ApplicationFactory, family


@pytest.fixture
def household(db):
    """A couple in the home township."""
    return family()


@pytest.fixture
def draft(db):
    return ApplicationFactory(drafted=True)


@pytest.fixture
def filled(db):
    """MZ04 for a couple, everything filled in: ready to be submitted."""
    return ApplicationFactory(filled=True)


@pytest.fixture
def submitted(db):
    return ApplicationFactory(submitted=True)


@pytest.fixture
def accepted(db):
    return ApplicationFactory(accepted=True)
