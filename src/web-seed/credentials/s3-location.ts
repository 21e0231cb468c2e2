import { DistroError } from '../../base/errors.ts'
import { encodePath } from '../http/content-urls.ts'
import type { AwsIdentity } from './aws-signature.ts'

/** Where a bucket is and who may read it. */
export interface S3Location {
  /** The URL of what `s3://bucket/prefix` names, by the rules of BEP 19 a file or what files lie below. */
  readonly base: URL
  readonly identity: AwsIdentity
}

/**
 * Reads `s3://bucket/prefix` with the variables that the tools of AWS use: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY,
 * AWS_SESSION_TOKEN, AWS_REGION or AWS_DEFAULT_REGION (us-east-1 without), and AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL for a server
 * that is not Amazon's. The prefix is taken as it stands, so a space or a `%` in it is itself. Throws USAGE.
 */
export function s3Location(text: string, env: Readonly<Record<string, string | undefined>>): S3Location {
  const [, bucket, prefix = ''] = /^s3:\/\/([a-zA-Z0-9][a-zA-Z0-9._-]{1,254})(?:\/(.*))?$/is.exec(text) ?? []
  if (bucket === undefined || prefix.split('/').some((element) => element === '.' || element === '..')) {
    throw new DistroError('USAGE', 'The web seed is not a bucket in the form s3://bucket/prefix.', {
      hint: 'Name the bucket and what stands before the name of the content in its keys, such as s3://releases/2026/.',
    })
  }
  const accessKeyId = env.AWS_ACCESS_KEY_ID ?? ''
  const secretAccessKey = env.AWS_SECRET_ACCESS_KEY ?? ''
  if (accessKeyId === '' || secretAccessKey === '') {
    throw new DistroError('USAGE', `The bucket ${bucket} cannot be read without AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.`, {
      hint: 'Set both in the environment, or name the https URL of a bucket that is public.',
    })
  }
  const region = env.AWS_REGION || env.AWS_DEFAULT_REGION || 'us-east-1'
  const base = bucketUrl(bucket, region, env.AWS_ENDPOINT_URL_S3 || env.AWS_ENDPOINT_URL)
  base.pathname += encodePath(prefix.split('/'))
  return { base, identity: { accessKeyId, secretAccessKey, sessionToken: env.AWS_SESSION_TOKEN || undefined, region } }
}

/** The URL of a bucket, with a slash at its end. Names with dots fit no certificate as hosts and stand in the path. */
function bucketUrl(bucket: string, region: string, endpoint: string | undefined): URL {
  if (endpoint === undefined) {
    const host = `s3.${region}.amazonaws.com`
    const isHostName = /^[a-z0-9-]+$/.test(bucket)
    const text = isHostName ? `https://${bucket}.${host}/` : `https://${host}/${bucket}/`
    return URL.canParse(text) ? new URL(text) : refuse(`There is no region ${region}.`, 'AWS_REGION')
  }
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.search !== '' || url.username !== '') {
    return refuse('The endpoint of the bucket is not an http or https URL.', 'AWS_ENDPOINT_URL_S3')
  }
  url.pathname += `${url.pathname.endsWith('/') ? '' : '/'}${bucket}/`
  return url
}

function refuse(message: string, variable: string): never {
  throw new DistroError('USAGE', message, { hint: `Set ${variable} to what your object store calls it.` })
}
