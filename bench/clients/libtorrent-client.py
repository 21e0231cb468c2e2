#!/usr/bin/python3
"""libtorrent-client.py default|preset|tuned seed|fetch TORRENT DIRECTORY ADDRESS PORT SEED_ADDRESS|- DONE_FILE|- MIRROR_URL|-

A seed prints one line as soon as it serves. A leech ends once all pieces are checked and flushed, or with a done file
creates that and stays.
"""
import os
import sys

import libtorrent as lt

profile, mode, torrent, directory, address, port, seed, done, mirror = sys.argv[1:10]
category = lt.alert.category_t

# Plain TCP, no limits, nothing asked of the network but the swarm; `preset` adds what libtorrent's authors recommend.
settings = {} if profile == "default" else lt.high_performance_seed()
settings.update(
    listen_interfaces=f"{address}:{port}",
    enable_dht=False,
    enable_lsd=False,
    enable_upnp=False,
    enable_natpmp=False,
    enable_outgoing_utp=False,
    enable_incoming_utp=False,
    out_enc_policy=2,
    in_enc_policy=2,
    allow_multiple_connections_per_ip=True,
    unchoke_slots_limit=-1,
    alert_mask=category.status_notification | category.storage_notification | category.error_notification,
)
if profile == "tuned":
    # Found by trial on two cores: larger socket buffers, no more disk threads than cores, dialling without delay.
    settings.update(
        tick_interval=100,
        aio_threads=2,
        send_socket_buffer_size=1 << 20,
        recv_socket_buffer_size=1 << 20,
    )
session = lt.session(settings)

parameters = lt.add_torrent_params()
parameters.ti = lt.torrent_info(torrent)
parameters.save_path = directory
parameters.flags &= ~(lt.torrent_flags.auto_managed | lt.torrent_flags.paused)
if mode == "seed" and profile != "tuned":
    # Serves at once and hashes each piece when it is first asked for; without it everything is hashed before serving.
    parameters.flags |= lt.torrent_flags.seed_mode
if mode == "fetch" and seed != "-":
    host, seed_port = seed.rsplit(":", 1)
    parameters.peers = [(host, int(seed_port))]
if mirror != "-":
    parameters.url_seeds = [mirror]
handle = session.add_torrent(parameters)

seeding = False
while True:
    session.wait_for_alert(200)
    for alert in session.pop_alerts():
        if alert.category() & category.error_notification:
            print(alert.message(), file=sys.stderr, flush=True)
        if mode == "fetch" and isinstance(alert, lt.cache_flushed_alert):
            if done == "-":
                os._exit(0)
            open(done, "w").close()
    if not seeding and handle.status(0).is_seeding:
        seeding = True
        if mode == "seed":
            print("serving", flush=True)
        else:
            handle.flush_cache()
