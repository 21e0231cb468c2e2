/** Of what format the torrents are that `distro`, `distro-v1` and `distro-v2` make or move. */
export const FORMATS: Readonly<Record<string, string>> = { distro: 'hybrid', 'distro-v1': 'v1', 'distro-v2': 'v2' }
