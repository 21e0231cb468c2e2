/**
 * For which generations of clients a torrent is made: v1 (BEP 3), v2 (BEP 52), or hybrid, which describes the same files in both ways in
 * one info dictionary.
 */
export type TorrentFormat = 'v1' | 'v2' | 'hybrid'
