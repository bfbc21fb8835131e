from django.urls import path

from casebook import views

app_name = "casebook"
urlpatterns = [
    path("new/", views.PatientCreate.as_view(), name="patient-new"),
    path("<patient:number>/", views.PatientPage.as_view(), name="patient"),
    path("<patient:number>/<slug:slug>/new/", views.CrfCreate.as_view(), name="new"),
    path("<patient:number>/<slug:slug>/<id:pk>/", views.CrfEdit.as_view(), name="edit"),
    path("<patient:number>/<slug:slug>/<id:pk>/history/", views.CrfHistory.as_view(), name="history"),
    path("<patient:number>/<slug:slug>/<id:pk>/remove/", views.CrfRemove.as_view(), name="remove"),
]
