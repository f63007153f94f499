"""The API of casework, beside the public catalogue."""

from rest_framework.routers import SimpleRouter

from .api import ApplicationViewSet, ReferralViewSet

app_name = "work_api"

router = SimpleRouter(use_regex_path=False)
router.register("applications", ApplicationViewSet, basename="application")
router.register("referrals", ReferralViewSet, basename="referral")

urlpatterns = router.urls
