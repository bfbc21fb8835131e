from django.urls import path

from analysis import views, views_compare, views_downloads

app_name = "analysis"
urlpatterns = [
    path("runs/", views.RunsPage.as_view(), name="runs"),
    path("runs/new/", views.RunNew.as_view(), name="run-new"),
    path("runs/<id:pk>/", views.RunPage.as_view(), name="run"),
    path("runs/<id:pk>/progress/", views.RunProgress.as_view(), name="run-progress"),
    path("runs/<id:pk>/restart/", views.RunRestart.as_view(), name="run-restart"),
    path("runs/<id:pk>/published/", views_compare.ComparePage.as_view(), name="compare"),
    path("runs/<id:pk>/tables.xlsx", views_downloads.WorkbookDownload.as_view(), name="workbook"),
    path("runs/<id:pk>/<slug:name>/", views.OutputPage.as_view(), name="output"),
    path("runs/<id:pk>/<slug:name>.<slug:file_format>", views_downloads.Download.as_view(), name="download"),
    path("runs/<id:pk>/<slug:name>/cell/<path:row>/<str:column>/", views.CellPage.as_view(), name="cell"),
    path("runs/<id:pk>/<slug:name>/point/<path:point>/", views.PointPage.as_view(), name="point"),
    path("source/<slug:slug>/<id:pk>/", views.Source.as_view(), name="source"),
]
