from django.urls import path

from casebook import views

app_name = "casebook"
urlpatterns = [
    path("new/", views.PatientCreate.as_view(), name="patient-new"),
    path("<str:number>/", views.PatientPage.as_view(), name="patient"),
    path("<str:number>/<slug:slug>/new/", views.CrfCreate.as_view(), name="new"),
    path("<str:number>/<slug:slug>/<int:pk>/", views.CrfEdit.as_view(), name="edit"),
    path("<str:number>/<slug:slug>/<int:pk>/history/", views.CrfHistory.as_view(), name="history"),
    path("<str:number>/<slug:slug>/<int:pk>/remove/", views.CrfRemove.as_view(), name="remove"),
]
