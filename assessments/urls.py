from django.urls import path

from assessments import (
    views_ctcae,
    views_eligibility,
    views_imaging,
    views_key_images,
    views_laboratory,
    views_laboratory_import,
    views_reading,
    views_schedule,
)

app_name = "assessments"
urlpatterns = [
    path("ranges/", views_laboratory.Ranges.as_view(), name="ranges"),
    path("ranges/<id:pk>/close/", views_laboratory.CloseRange.as_view(), name="range-close"),
    path("laboratory/import/", views_laboratory_import.ImportLaboratory.as_view(), name="laboratory-import"),
    path(
        "laboratory/import/template/",
        views_laboratory_import.ImportTemplate.as_view(),
        name="laboratory-import-template",
    ),
    path("reading/", views_reading.ReadingList.as_view(), name="reading"),
    path("ctcae/", views_ctcae.TermList.as_view(), name="ctcae"),
    path("ctcae/criteria/", views_ctcae.Criteria.as_view(), name="ctcae-criteria"),
    path("<patient:number>/eligibility/", views_eligibility.EligibilityPage.as_view(), name="eligibility"),
    path("<patient:number>/laboratory/", views_laboratory.PatientValues.as_view(), name="laboratory"),
    path(
        "<patient:number>/laboratory/judge/", views_laboratory.JudgeValues.as_view(), name="laboratory-judge"
    ),
    path(
        "<patient:number>/laboratory/trend/<slug:analyte>/",
        views_laboratory.Trend.as_view(),
        name="laboratory-trend",
    ),
    path("<patient:number>/dosing/", views_laboratory.DosingLog.as_view(), name="dosing"),
    path("<patient:number>/schedule/", views_schedule.SchedulePage.as_view(), name="schedule"),
    path("<patient:number>/next-due/", views_schedule.NextDue.as_view(), name="next-due"),
    path("<patient:number>/schedule.ics", views_schedule.PatientCalendar.as_view(), name="calendar"),
    path("schedule/<id:pk>.ics", views_schedule.SiteCalendar.as_view(), name="site-calendar"),
    path("<patient:number>/imaging/new/", views_imaging.ImagingPage.as_view(), name="imaging-new"),
    path(
        "<patient:number>/imaging/new/preview/",
        views_imaging.ImagingPreview.as_view(),
        name="imaging-preview",
    ),
    path("<patient:number>/imaging/<id:pk>/", views_imaging.ImagingPage.as_view(), name="imaging-edit"),
    path(
        "<patient:number>/imaging/<id:pk>/preview/",
        views_imaging.ImagingPreview.as_view(),
        name="imaging-preview",
    ),
    path(
        "<patient:number>/imaging/<id:pk>/new-baseline/",
        views_imaging.NewBaseline.as_view(),
        name="imaging-baseline",
    ),
    path("<patient:number>/imaging/<id:pk>/images/", views_key_images.KeyImages.as_view(), name="key-images"),
    path("<patient:number>/images/<id:pk>/", views_key_images.KeyImageFile.as_view(), name="key-image"),
    path(
        "<patient:number>/images/<id:pk>/thumbnail/",
        views_key_images.KeyImageThumbnail.as_view(),
        name="key-image-thumbnail",
    ),
    path(
        "<patient:number>/images/<id:pk>/remove/",
        views_key_images.KeyImageRemove.as_view(),
        name="key-image-remove",
    ),
]
