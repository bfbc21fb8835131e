#!/bin/bash
# Run once by the PostgreSQL image on an empty cluster: the two roles and the database.
# The owner migrates, backs up and restores; the application may do only what the migrations grant it.
set -euo pipefail

psql --set=ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
    --set=owner_password="$OWNER_PASSWORD" --set=app_password="$APP_PASSWORD" <<'SQL'
CREATE ROLE rebaseline_owner LOGIN CREATEDB NOSUPERUSER NOCREATEROLE NOBYPASSRLS PASSWORD :'owner_password';
CREATE ROLE rebaseline_app LOGIN NOCREATEDB NOSUPERUSER NOCREATEROLE NOBYPASSRLS PASSWORD :'app_password';
GRANT rebaseline_app TO rebaseline_owner;
CREATE DATABASE rebaseline OWNER rebaseline_owner;
SQL
