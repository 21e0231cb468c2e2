#!/usr/bin/python3
"""A libtorrent peer for the tests: one JSON object as the only argument, one JSON object a line on stdout.

Fields: folder, torrent or magnet, and optionally seeding, address, port, peers [[host, port]], dhtBootstrap [[host, port]], pex, utp.
Events: {"event": "listening", "port"}, {"event": "metadata"}, {"event": "finished"}, {"event": "peers", "peers": [...]},
{"event": "parted", "host", "reason"}.
"""
import json
import signal
import sys
import time

import libtorrent as lt

# errors::torrent_inconsistent_hashes
INCONSISTENT_HASHES = 217
# What peers have comes with no alert: it is looked at this often, and whenever an alert says that something happened.
LOOK_EVERY_MS = 100
DIAL_EVERY_SECONDS = 1

job = json.loads(sys.argv[1])
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))


def say(event, **fields):
    print(json.dumps({'event': event, **fields}), flush=True)


def settings():
    bootstrap = job.get('dhtBootstrap')
    return {
        'listen_interfaces': '%s:%d' % (job.get('address', '127.0.0.1'), job.get('port', 0)),
        'enable_dht': bootstrap is not None,
        'dht_bootstrap_nodes': ','.join('%s:%d' % tuple(node) for node in bootstrap or []),
        'dht_restrict_routing_ips': False,
        'dht_restrict_search_ips': False,
        'dht_prefer_verified_node_ids': False,
        'dht_ignore_dark_internet': False,
        'dht_enforce_node_id': False,
        'enable_lsd': False,
        'enable_upnp': False,
        'enable_natpmp': False,
        'enable_outgoing_utp': job.get('utp', False),
        'enable_incoming_utp': job.get('utp', False),
        'allow_multiple_connections_per_ip': True,
        'min_reconnect_time': 1,
        # Two that have everything stay connected, so that they can be told to a third.
        'close_redundant_connections': False,
        'alert_mask': lt.alert.category_t.error_notification
        | lt.alert.category_t.status_notification
        | lt.alert.category_t.connect_notification
        | lt.alert.category_t.storage_notification,
    }


def parameters():
    if 'magnet' in job:
        found = lt.parse_magnet_uri(job['magnet'])
    else:
        found = lt.add_torrent_params()
        found.ti = lt.torrent_info(job['torrent'])
    found.save_path = job['folder']
    found.flags &= ~lt.torrent_flags.auto_managed
    found.flags &= ~lt.torrent_flags.paused
    if not job.get('pex', True):
        found.flags |= lt.torrent_flags.disable_pex
    return found


def describe(peer):
    client = peer.client.decode(errors='replace') if isinstance(peer.client, bytes) else peer.client
    return '%s:%d' % peer.ip, client, int(peer.source), peer.num_pieces


session = lt.session(settings())
while session.listen_port() == 0:
    session.wait_for_alert(LOOK_EVERY_MS)
    session.pop_alerts()
for node in job.get('dhtBootstrap') or []:
    session.add_dht_node(tuple(node))
handle = session.add_torrent(parameters())
say('listening', port=session.listen_port())
for peer in job.get('peers', []):
    handle.connect_peer(tuple(peer))

told = set()
last_peers = None
next_dial = time.monotonic()
while True:
    status = handle.status()
    if status.has_metadata and 'metadata' not in told:
        told.add('metadata')
        say('metadata')
    if status.is_seeding and 'flushing' not in told:
        told.add('flushing')
        handle.flush_cache()
    if time.monotonic() >= next_dial and 'finished' not in told:
        next_dial = time.monotonic() + DIAL_EVERY_SECONDS
        for peer in job.get('peers', []):
            handle.connect_peer(tuple(peer))
        if job.get('dhtBootstrap'):
            handle.force_dht_announce()
    peers = sorted(describe(peer) for peer in handle.get_peer_info())
    if peers != last_peers:
        last_peers = peers
        say('peers', peers=[dict(zip(('address', 'client', 'origins', 'pieces'), peer)) for peer in peers])
    for alert in session.pop_alerts():
        if alert.category() & lt.alert.category_t.error_notification:
            say('alert', message=alert.message())
        if isinstance(alert, lt.peer_disconnected_alert):
            say('parted', host=alert.endpoint[0], reason=alert.error.message())
        # libtorrent 2.0.8 takes hashes that come for a piece which it has hashed and not yet written for a contradiction (docs/formats.md). It
        # goes on when it is told to; over torrents that do contradict themselves it stumbles again each time.
        if isinstance(alert, lt.torrent_error_alert) and alert.error.value() == INCONSISTENT_HASHES:
            handle.clear_error()
            handle.resume()
        # What is whole may not be on the disk yet.
        if isinstance(alert, lt.cache_flushed_alert) and 'flushing' in told and 'finished' not in told:
            told.add('finished')
            say('finished')
    session.wait_for_alert(LOOK_EVERY_MS)
