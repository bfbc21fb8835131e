from django.urls import path

from documents import views, views_annotated

app_name = "documents"
urlpatterns = [
    path("patients/<patient:number>/", views.CasebookPrint.as_view(), name="casebook"),
    path("sites/<id:pk>/", views.SitePrint.as_view(), name="site"),
    path("prints/", views.PrintsPage.as_view(), name="prints"),
    path("prints/<id:pk>/", views.PrintPage.as_view(), name="print"),
    path("prints/<id:pk>/progress/", views.PrintProgress.as_view(), name="print-progress"),
    path("prints/<id:pk>/restart/", views.PrintRestart.as_view(), name="print-restart"),
    path("prints/<id:pk>/file/", views.PrintFile.as_view(), name="print-file"),
    path("forms/", views_annotated.AnnotatedPage.as_view(), name="annotated"),
    path("forms/<slug:language>.pdf", views_annotated.AnnotatedFile.as_view(), name="annotated-file"),
]
