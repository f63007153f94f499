from django.urls import path

from .views import cases, deciding, detail, extensions, inbox, progress, publicity, walking

app_name = "referrals"

urlpatterns = [
    path("progress/", progress.progress, name="progress"),
    path("referrals/", inbox.referral_list, name="referral_list"),
    path("referrals/<uuid:pk>/", detail.referral_detail, name="referral_detail"),
    path("referrals/<uuid:pk>/look-into/", detail.referral_look_into, name="referral_look_into"),
    path("referrals/<uuid:pk>/why/<slug:kind>/", detail.referral_why, name="referral_why"),
    path("referrals/<uuid:pk>/receive/", walking.referral_receive, name="referral_receive"),
    path("referrals/<uuid:pk>/take/", walking.referral_take, name="referral_take"),
    path("referrals/<uuid:pk>/assign/", walking.referral_assign, name="referral_assign"),
    path("referrals/<uuid:pk>/propose/", walking.referral_propose, name="referral_propose"),
    path("referrals/<uuid:pk>/forward/", walking.referral_forward, name="referral_forward"),
    path("referrals/<uuid:pk>/send-back/", walking.referral_send_back, name="referral_send_back"),
    path("referrals/<uuid:pk>/return/", walking.referral_return_for_supplement, name="referral_return_for_supplement"),
    path("referrals/<uuid:pk>/resubmit/", walking.referral_resubmit, name="referral_resubmit"),
    path("referrals/<uuid:pk>/decide/", deciding.referral_decide, name="referral_decide"),
    path("referrals/<uuid:pk>/feed-back/", walking.referral_feed_back, name="referral_feed_back"),
    path("referrals/<uuid:pk>/return-feedback/", walking.referral_return_feedback, name="referral_return_feedback"),
    path("referrals/<uuid:pk>/confirm/", walking.referral_confirm, name="referral_confirm"),
    path("referrals/<uuid:pk>/withdraw/", walking.referral_withdraw, name="referral_withdraw"),
    path("referrals/<uuid:pk>/terminate/", walking.referral_terminate, name="referral_terminate"),
    path("referrals/<uuid:pk>/request-extension/", walking.referral_request_extension, name="referral_request_extension"),
    path("referrals/<uuid:pk>/begin-appraisal/", walking.referral_begin_appraisal, name="referral_begin_appraisal"),
    path("referrals/<uuid:pk>/end-appraisal/", walking.referral_end_appraisal, name="referral_end_appraisal"),
    path("referrals/<uuid:pk>/publicity/post/", publicity.publicity_post, name="publicity_post"),
    path("referrals/<uuid:pk>/publicity/preview/", publicity.publicity_preview, name="publicity_preview"),
    path("publicities/<uuid:pk>/", publicity.publicity_detail, name="publicity_detail"),
    path("publicities/<uuid:pk>/object/", publicity.publicity_object, name="publicity_object"),
    path("publicities/<uuid:pk>/end/", publicity.publicity_end, name="publicity_end"),
    path("publicities/<uuid:pk>/print/", publicity.publicity_print, name="publicity_print"),
    path("extensions/<int:pk>/answer/", extensions.extension_answer, name="extension_answer"),
    path("cases/<uuid:pk>/", cases.case_detail, name="case_detail"),
    path("cases/<uuid:pk>/dispatch/", cases.application_dispatch, name="application_dispatch"),
    path("cases/<uuid:pk>/gather-supplement/", cases.supplement_gather, name="supplement_gather"),
    path("cases/<uuid:pk>/withdraw/", cases.application_withdraw, name="application_withdraw"),
    path("cases/<uuid:pk>/terminate/", cases.application_terminate, name="application_terminate"),
]
