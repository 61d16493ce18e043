import { join } from 'node:path'
import { buildLinux, LINUX_FORMATS, type LinuxFormat } from '../build-linux.ts'
import { buildSubstitute } from '../build-macos.ts'
import { buildWindows, type Made, WINDOWS_FORMATS, type WindowsFormat } from '../build-windows.ts'
import type { Payload } from '../payload.ts'
import { withStage } from '../stage.ts'
import { testAuthority } from './test-authority.ts'
import { timestampServer } from './timestamp-server.ts'

/** Makes every installer of a product as far as it goes without credentials. The certificates are gone afterwards. */
export async function rehearse(payload: Payload, folder: string): Promise<Made[]> {
  return await withStage(async (stage) => {
    const { ca, pfx, password, timestamping } = await testAuthority(
      join(stage, 'authority'),
      payload.publisher,
    )
    using timestamps = await timestampServer(join(stage, 'authority'), { ...timestamping, ca })
    const signing = {
      pfx,
      password,
      ca,
      timestampCa: ca,
      publisher: payload.publisher,
      authorities: [timestamps.url],
    }
    const formats = Object.keys(WINDOWS_FORMATS) as WindowsFormat[]
    const packages = Object.keys(LINUX_FORMATS) as LinuxFormat[]
    return [
      ...(await buildWindows(payload, { formats, signing, rehearsal: true, folder })),
      ...(await buildLinux(payload, {
        formats: packages,
        architecture: 'any',
        maintainer: `${payload.publisher} <root@localhost>`,
        folder,
      })),
      await buildSubstitute(payload, folder),
    ]
  })
}
