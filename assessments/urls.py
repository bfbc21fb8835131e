from django.urls import path

from assessments import views_ctcae, views_eligibility, views_imaging, views_laboratory

app_name = "assessments"
urlpatterns = [
    path("ranges/", views_laboratory.Ranges.as_view(), name="ranges"),
    path("ranges/<int:pk>/close/", views_laboratory.CloseRange.as_view(), name="range-close"),
    path("ctcae/", views_ctcae.TermList.as_view(), name="ctcae"),
    path("ctcae/criteria/", views_ctcae.Criteria.as_view(), name="ctcae-criteria"),
    path("<str:number>/eligibility/", views_eligibility.EligibilityPage.as_view(), name="eligibility"),
    path("<str:number>/laboratory/", views_laboratory.PatientValues.as_view(), name="laboratory"),
    path("<str:number>/laboratory/judge/", views_laboratory.JudgeValues.as_view(), name="laboratory-judge"),
    path("<str:number>/dosing/", views_laboratory.DosingLog.as_view(), name="dosing"),
    path("<str:number>/imaging/new/", views_imaging.ImagingPage.as_view(), name="imaging-new"),
    path("<str:number>/imaging/new/preview/", views_imaging.ImagingPreview.as_view(), name="imaging-preview"),
    path("<str:number>/imaging/<int:pk>/", views_imaging.ImagingPage.as_view(), name="imaging-edit"),
    path(
        "<str:number>/imaging/<int:pk>/preview/",
        views_imaging.ImagingPreview.as_view(),
        name="imaging-preview",
    ),
    path(
        "<str:number>/imaging/<int:pk>/new-baseline/",
        views_imaging.NewBaseline.as_view(),
        name="imaging-baseline",
    ),
]
