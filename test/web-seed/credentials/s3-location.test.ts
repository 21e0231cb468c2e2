import { expect, test } from 'vitest'
import { s3Location } from '../../../src/web-seed/credentials/s3-location.ts'

const keys = { AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'secret' }

test.each([
  ['s3://releases', {}, 'https://releases.s3.us-east-1.amazonaws.com/', 'us-east-1'],
  ['s3://releases/a b/?#%41', { AWS_REGION: 'eu-west-1' }, 'https://releases.s3.eu-west-1.amazonaws.com/a%20b/%3F%23%2541', 'eu-west-1'],
  ['S3://releases/', {}, 'https://releases.s3.us-east-1.amazonaws.com/', 'us-east-1'],
  ['s3://re.leases/', { AWS_DEFAULT_REGION: 'eu-west-3' }, 'https://s3.eu-west-3.amazonaws.com/re.leases/', 'eu-west-3'],
  ['s3://releases/x/', { AWS_ENDPOINT_URL: 'http://minio:9000' }, 'http://minio:9000/releases/x/', 'us-east-1'],
  [
    's3://releases/x/',
    { AWS_ENDPOINT_URL: 'http://no', AWS_ENDPOINT_URL_S3: 'https://yes/s3/' },
    'https://yes/s3/releases/x/',
    'us-east-1',
  ],
])('%s with %j is %s', (text, env, url, region) => {
  const { base, identity } = s3Location(text, { ...keys, ...env })
  expect(base.href).toBe(url)
  expect(identity).toEqual({ accessKeyId: 'id', secretAccessKey: 'secret', sessionToken: undefined, region })
})
