from django.urls import path

from casebook import views, views_drafts, views_entry

app_name = "casebook"
urlpatterns = [
    path("new/", views.PatientCreate.as_view(), name="patient-new"),
    path("<patient:number>/", views.PatientPage.as_view(), name="patient"),
    path("<patient:number>/next/", views.PatientBeside.as_view(), name="patient-next"),
    path("<patient:number>/previous/", views.PatientBeside.as_view(after=False), name="patient-previous"),
    path("<patient:number>/<slug:slug>/new/", views_entry.CrfCreate.as_view(), name="new"),
    path("<patient:number>/<slug:slug>/<id:pk>/", views_entry.CrfEdit.as_view(), name="edit"),
    path("<patient:number>/<slug:slug>/new/draft/", views_drafts.KeepDraft.as_view(), name="draft-new"),
    path("<patient:number>/<slug:slug>/<id:pk>/draft/", views_drafts.KeepDraft.as_view(), name="draft"),
    path("<patient:number>/<slug:slug>/<id:pk>/history/", views.CrfHistory.as_view(), name="history"),
    path("<patient:number>/<slug:slug>/<id:pk>/remove/", views.CrfRemove.as_view(), name="remove"),
]
