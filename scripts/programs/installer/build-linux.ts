import { basename, join } from 'node:path'
import { mkdir } from 'node:fs/promises'
import { watched } from '../../../runner/watched.ts'
import { makeDeb } from '../../lib/packages/deb.ts'
import type { PackageOf } from '../../lib/packages/package-of.ts'
import { makeRpm } from '../../lib/packages/rpm.ts'
import type { Made } from './build-windows.ts'
import { isThere, place } from './installer-record.ts'
import { type Payload, unpack } from './payload.ts'
import { withStage } from './stage.ts'

/** The forms of a package for Linux, and the program that makes each. */
export const LINUX_FORMATS = { deb: 'dpkg-deb', rpm: 'rpmbuild' } as const
export type LinuxFormat = keyof typeof LINUX_FORMATS

const UNSIGNED = { signed: false, notarized: false, rehearsal: false, substitute: false }

/** Makes packages that install the files below `/opt/<name>`. The same commit gives the same bytes. */
export async function buildLinux(
  payload: Payload,
  {
    formats,
    architecture,
    maintainer,
    folder,
  }: { formats: readonly LinuxFormat[]; folder: string } & Pick<PackageOf, 'architecture' | 'maintainer'>,
): Promise<Made[]> {
  const made: Made[] = []
  for await (const format of watched(formats, 'packages'))
    made.push(
      await withStage(async (stage) => {
        const [root, out] = [join(stage, 'root'), join(stage, 'out')]
        await unpack(payload, join(root, 'opt', payload.name))
        await mkdir(out)
        const { name, version, description, license, homepage, time } = payload
        const of = {
          name,
          version,
          description,
          license,
          homepage,
          time,
          architecture,
          maintainer,
          root,
          out,
        }
        const file = format === 'deb' ? await makeDeb(of) : await makeRpm({ ...of, work: stage })
        const there = await isThere(join(folder, basename(file)), payload, UNSIGNED)
        if (there !== undefined) return { record: there, isNew: false, refused: [] }
        const record = await place(file, folder, payload, { platform: 'linux', ...UNSIGNED })
        return { record, isNew: true, refused: [] }
      }),
    )
  return made
}
