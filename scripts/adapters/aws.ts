import { AwsClient } from 'aws4fetch'
import { useProxies } from '../../runner/engine/process/http-proxies.ts'
import { CliError } from '../../runner/kit/error.ts'
import { exit } from '../../runner/kit/exit.ts'
import { requiredEnv } from '../lib/required-env.ts'

/** A client that signs its requests, and the address of its service. */
export interface AwsService {
  client: AwsClient
  region: string
  /** Another server than Amazon's, without a slash at its end. */
  endpoint: string | undefined
}

/**
 * Opens a service with the variables that the AWS command line reads: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY,
 * AWS_SESSION_TOKEN, AWS_REGION, and AWS_ENDPOINT_URL_… or AWS_ENDPOINT_URL for another server than Amazon's.
 * @param service as its signature names it: `s3` or `monitoring`
 * @param name as its variable names it: `S3` or `CLOUDWATCH`
 * Its requests use the proxies of the environment.
 * @throws {CliError} naming every missing variable, or a proxy that cannot be used
 */
export function openService(service: string, name: string): AwsService {
  const [accessKeyId, secretAccessKey] = requiredEnv(['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'])
  // The client of the library calls `fetch` itself.
  const problem = useProxies()
  if (problem !== undefined)
    throw new CliError(exit.failed, `No request was sent: ${problem}`, 'Correct the environment.')
  const { env } = process
  const sessionToken = env['AWS_SESSION_TOKEN']
  const region = env['AWS_REGION'] || env['AWS_DEFAULT_REGION'] || 'us-east-1'
  const token = sessionToken === undefined ? {} : { sessionToken }
  return {
    client: new AwsClient({ accessKeyId, secretAccessKey, ...token, service, region, retries: 3 }),
    region,
    endpoint: (env[`AWS_ENDPOINT_URL_${name}`] || env['AWS_ENDPOINT_URL'])?.replace(/\/+$/, ''),
  }
}
