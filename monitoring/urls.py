from django.urls import path

from monitoring import views, views_agreement, views_work

app_name = "monitoring"
urlpatterns = [
    path("work/", views_work.WorkPage.as_view(), name="work"),
    path("patients/", views.PatientList.as_view(), name="patients"),
    path("patients/<patient:number>/status/", views.PatientStatusBadge.as_view(), name="patient-status"),
    path("patients/<patient:number>/timeline/", views.Timeline.as_view(), name="timeline"),
    path("patients/<patient:number>/query/", views.QueryRaise.as_view(), name="query-raise"),
    path(
        "patients/<patient:number>/<slug:slug>/<id:pk>/query/",
        views.QueryRaise.as_view(),
        name="query-raise-form",
    ),
    path("agreement/", views_agreement.AgreementPage.as_view(), name="agreement"),
    path("dashboard/", views.DashboardPage.as_view(), name="dashboard"),
    path("deviations/", views.DeviationList.as_view(), name="deviations"),
    path("queries/", views.QueryList.as_view(), name="queries"),
    path("queries/<id:pk>/", views.QueryPage.as_view(), name="query"),
]
