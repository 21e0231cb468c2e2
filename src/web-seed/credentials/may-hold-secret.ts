/** True for a URL with a user, a password, or a query, which may be a signature. */
export function mayHoldSecret(url: string): boolean {
  if (!URL.canParse(url)) return true
  const { username, password, search } = new URL(url)
  return username !== '' || password !== '' || search !== ''
}
