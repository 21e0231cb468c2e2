/** The version of this program, the same as in package.json; a test compares them. */
export const version = '0.1.0'

/** How this program calls itself to peers, trackers and in the torrents that it writes. */
export const clientName: string = `distro ${version}`
