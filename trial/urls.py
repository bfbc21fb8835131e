from django.urls import path

from trial import views_people as people
from trial import views_preferences as preferences
from trial import views_trail as trail

app_name = "trial"
urlpatterns = [
    path("preferences/", preferences.PreferencesPage.as_view(), name="preferences"),
    path("people/", people.PeoplePage.as_view(), name="people"),
    path("people/new/", people.PersonNew.as_view(), name="person-new"),
    path("people/<id:pk>/", people.PersonPage.as_view(), name="person"),
    path("people/<id:pk>/sign-in/off/", people.SignInOff.as_view(), name="sign-in-off"),
    path("people/<id:pk>/sign-in/on/", people.SignInOn.as_view(), name="sign-in-on"),
    path("roles/<id:pk>/withdraw/", people.RoleWithdraw.as_view(), name="role-withdraw"),
    path("sites/", people.SitesPage.as_view(), name="sites"),
    path("protocol-versions/", people.ProtocolVersionsPage.as_view(), name="protocol-versions"),
    path("protocol-versions/<id:pk>/", people.ProtocolVersionPage.as_view(), name="protocol-version"),
    path("trail/", trail.TrailPage.as_view(), name="trail"),
    path("trail/check/", trail.TrailCheck.as_view(), name="trail-check"),
    path("trail/receipt/", trail.Receipt.as_view(), name="trail-receipt"),
]
