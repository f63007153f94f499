"""The API of casework, beside the public catalogue."""

from rest_framework.routers import SimpleRouter

from households.api import FactRequestViewSet, HouseholdScreeningViewSet

from .api import ApplicationViewSet, ReferralViewSet

app_name = "work_api"

router = SimpleRouter(use_regex_path=False)
router.register("applications", ApplicationViewSet, basename="application")
router.register("referrals", ReferralViewSet, basename="referral")
router.register("households", HouseholdScreeningViewSet, basename="household")
router.register("fact-requests", FactRequestViewSet, basename="fact-request")

urlpatterns = router.urls
