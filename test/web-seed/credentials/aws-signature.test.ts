import { describe, expect, test } from 'vitest'
import { type AwsIdentity, signedHeaders } from '../../../src/web-seed/credentials/aws-signature.ts'

/** The identity and the day of the examples in "Signature Calculations for the Authorization Header" of the S3 documentation. */
const identity: AwsIdentity = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  sessionToken: undefined,
  region: 'us-east-1',
}
const now = new Date('2013-05-24T00:00:00Z')

describe('a signature of AWS, version 4', () => {
  test.each([
    ['test.txt', { range: 'bytes=0-9' }, 'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41'],
    ['?lifecycle', {}, 'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543'],
    ['?max-keys=2&prefix=J', {}, '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7'],
  ])('is the published one for %s', (path, headers, signature) => {
    const { authorization } = signedHeaders(new URL(`https://examplebucket.s3.amazonaws.com/${path}`), headers, identity, now)
    expect(authorization).toMatch(new RegExp(`Signature=${signature}$`))
  })

  test('says what was signed, and when', () => {
    const headers = signedHeaders(new URL('https://b.example/a'), { range: 'bytes=0-9' }, { ...identity, sessionToken: 'token' }, now)
    expect(headers).toMatchObject({ 'x-amz-date': '20130524T000000Z', 'x-amz-security-token': 'token' })
    expect(headers.authorization).toContain(
      'Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, ' +
        'SignedHeaders=host;range;x-amz-content-sha256;x-amz-date;x-amz-security-token, ',
    )
    expect(JSON.stringify(headers)).not.toContain(identity.secretAccessKey)
  })
})
