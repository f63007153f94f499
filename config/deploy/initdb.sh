#!/bin/sh
# Run once by the database image, on an empty volume: the application's role owns its database and is no superuser.
set -eu
password=$(cat /run/secrets/assistance_password)
psql --username postgres --dbname postgres --set ON_ERROR_STOP=1 --set password="$password" <<'SQL'
CREATE ROLE assistance LOGIN PASSWORD :'password';
CREATE DATABASE assistance OWNER assistance;
REVOKE CONNECT ON DATABASE assistance FROM PUBLIC;
SQL
