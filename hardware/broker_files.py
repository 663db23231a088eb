"""The texts of the files that `kojo derive` writes for a broker of your own: mosquitto's configuration, and how to put
it in place. The password file and the access list are in `contract.broker_passwords` and `contract.broker_access`.
"""

from pathlib import Path

from contract.broker import Broker

PASSWORDS, ACCESS, CA, CERTIFICATE, KEY = "passwords", "access", "ca.crt", "server.crt", "server.key"
CONFIGURATION, INSTALL = "mosquitto.conf", "install.sh"


def configuration(folder: Path, broker: Broker, owner: str) -> str:
    """mosquitto.conf. ``folder`` (absolute) holds its files, which belong to ``owner``."""
    bind = broker.binds
    return _CONFIGURATION.format(
        listener=f"listener {broker.port} {bind}" if bind else f"listener {broker.port}",
        folder=folder,
        owner=owner,
        **_NAMES,
    )


def install_script() -> str:
    """install.sh: copies the files to where a mosquitto that is a service of the system reads them."""
    return _INSTALL


_NAMES = {"passwords": PASSWORDS, "access": ACCESS, "certificate": CERTIFICATE, "key": KEY}

_CONFIGURATION = """\
# kojo derive が作りました。手で直さず、line.toml を直して作り直してください。
# Made by `kojo derive`. Do not edit: correct line.toml and make it again.
#   ためす / try it:                mosquitto -c {folder}/mosquitto.conf
#   サービスにする / as a service:   sudo sh install.sh
#   作り直したら / after a change:   sudo sh install.sh  (kill -HUP でも読み直します / kill -HUP reads it again, too)

# 下のファイルは作った人だけが読めます。install.sh はこの行を外し、ファイルを mosquitto の持ち物にします。
# Only whoever made the files below can read them. install.sh drops this line and gives the files to mosquitto.
user {owner}

# TLS だけ。平文の口は開きません。 / TLS only: there is no plain listener.
{listener}
certfile {folder}/{certificate}
keyfile {folder}/{key}
tls_version tlsv1.2

# 一覧にいない人は入れず、書かれていないことはできません。この設定はどの listener にも効きます。
# Nobody else is let in, nothing else is allowed. This holds for every listener: per_listener_settings would let another
# one be open by mistake.
allow_anonymous false
password_file {folder}/{passwords}
acl_file {folder}/{access}

# 量の上限 / bounds: a message, what is under way to one client, what waits for one that is away, clients
max_packet_size 1048576
max_inflight_messages 1000
max_queued_messages 10000
max_queued_bytes 67108864
max_connections 500
persistent_client_expiration 7d
set_tcp_nodelay true

# ブローカーは何も保存しません。保存されたかは collector が確かめ、無いものは agent が送り直します。
# Nothing is kept on disk: agents send again what the collector has not confirmed, and the card is spared.
# Devices that send without numbers (ESP32, Node-RED) lose what waits here when the broker stops; for them: true.
persistence false
"""

_INSTALL = """\
#!/bin/sh
# mosquitto をこのラインのブローカーにします / makes a mosquitto the broker of this line:  sudo sh install.sh
# mosquitto の設定フォルダーを変えるとき / another configuration directory:  sudo sh install.sh /etc/mosquitto
set -eu
here=$(cd "$(dirname "$0")" && pwd)
to=${1:-/etc/mosquitto}
umask 022
mkdir -p "$to/conf.d"
umask 077
mkdir -p "$to/kojo"
new="$to/conf.d/kojo.conf.new"
sed -e '/^user /d' \\
    -e "s@^\\(certfile\\|keyfile\\|password_file\\|acl_file\\) .*/@\\1 $to/kojo/@" "$here/mosquitto.conf" >"$new"
for file in passwords access server.crt server.key; do
  cp "$here/$file" "$to/kojo/.$file.new"
  chmod 600 "$to/kojo/.$file.new"
  mv "$to/kojo/.$file.new" "$to/kojo/$file"
done
if [ "$(id -u)" = 0 ] && id mosquitto >/dev/null 2>&1; then
  chown -R mosquitto: "$to/kojo"
fi
act=reload
cmp -s "$new" "$to/conf.d/kojo.conf" || act=restart
mv "$new" "$to/conf.d/kojo.conf"
chmod 644 "$to/conf.d/kojo.conf"
if [ "$to" = /etc/mosquitto ] && command -v systemctl >/dev/null; then
  systemctl "$act" mosquitto
fi
echo "ok: $to/kojo"
"""
