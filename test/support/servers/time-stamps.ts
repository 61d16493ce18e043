import { testAuthority } from '../../../scripts/programs/installer/rehearsal/test-authority.ts'
import { timestampServer } from '../../../scripts/programs/installer/rehearsal/timestamp-server.ts'
import type { TimestampServer } from '../../../scripts/programs/installer/rehearsal/timestamp-server.ts'

/** A time stamping authority on loopback, made of openssl: `ca.pem` in its folder is whom to trust. */
export async function authority(folder: string): Promise<TimestampServer> {
  const { ca, timestamping } = await testAuthority(folder, 'Test')
  return await timestampServer(folder, { ...timestamping, ca })
}
