import { aria2 } from './aria2.ts'
import type { Client } from './client.ts'
import { libtorrent } from './libtorrent.ts'
import { qbittorrent } from './qbittorrent.ts'
import { rtorrent } from './rtorrent.ts'
import { transmission } from './transmission.ts'
import { webtorrent, webtorrentWithoutFast } from './webtorrent.ts'

/** Every client that distro is tried against. */
export const clients: readonly Client[] = [libtorrent, webtorrent, webtorrentWithoutFast, aria2, transmission, rtorrent, qbittorrent]
