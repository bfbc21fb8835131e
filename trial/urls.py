from django.urls import URLPattern

app_name = "trial"
urlpatterns: list[URLPattern] = []
