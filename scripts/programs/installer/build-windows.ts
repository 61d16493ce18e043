import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { watched } from '../../../runner/watched.ts'
import { runTool } from '../../lib/tool.ts'
import { type Signing, sign, signArguments } from './authenticode.ts'
import { type InstallerRecord, isThere, place } from './installer-record.ts'
import { wixSource } from './msi.ts'
import { type Payload, unpack } from './payload.ts'
import { nsisScript } from './setup-exe.ts'
import { withStage } from './stage.ts'
import { makeFolder } from '../../../runner/make-folder.ts'

/** The forms of an installer for Windows, and the program that makes each. */
export const WINDOWS_FORMATS = { msi: 'wixl', exe: 'makensis' } as const
export type WindowsFormat = keyof typeof WINDOWS_FORMATS

export interface WindowsBuild {
  formats: readonly WindowsFormat[]
  /** Undefined for installers without a signature. */
  signing: Signing | undefined
  /** Whether the certificate was made for the occasion. */
  rehearsal: boolean
  /** The folder for the installers. */
  folder: string
}

/** An installer, and whether this call made it. */
export interface Made {
  record: InstallerRecord
  isNew: boolean
  /** Time-stamp authorities that were of no use, each with the reason. */
  refused: string[]
}

/** The file name of an installer for Windows. */
export function windowsName({ title, version }: Payload, format: WindowsFormat): string {
  const stem = title.replaceAll(' ', '-')
  return format === 'msi' ? `${stem}-${version}.msi` : `${stem}-Setup-${version}.exe`
}

/** Makes the installers that are not there yet; each appears when it is finished, signed and verified. */
export async function buildWindows(payload: Payload, build: WindowsBuild): Promise<Made[]> {
  const { signing, rehearsal, folder } = build
  const made: Made[] = []
  for await (const format of watched(build.formats, 'installers')) {
    const name = windowsName(payload, format)
    const as = { signed: signing !== undefined, notarized: false, rehearsal, substitute: false }
    const there = await isThere(join(folder, name), payload, as)
    if (there !== undefined) {
      made.push({ record: there, isNew: false, refused: [] })
      continue
    }
    made.push(
      await withStage(async (stage) => {
        const file = join(stage, name)
        await unpack(payload, join(stage, 'files'))
        await makers[format](payload, stage, file)
        const { refused = [], ...signature } =
          signing === undefined ? {} : await sign(file, payload.title, signing)
        const record = await place(file, folder, payload, { platform: 'windows', ...as, ...signature })
        return { record, isNew: true, refused }
      }),
    )
  }
  return made
}

const makers = {
  async msi(payload: Payload, stage: string, file: string): Promise<void> {
    const source = join(stage, 'product.wxs')
    await writeFile(source, wixSource(payload, 'files'))
    await runTool('wixl', commandOf('msi', source, file).slice(1))
  },
  async exe(payload: Payload, stage: string, file: string): Promise<void> {
    const script = join(stage, 'setup.nsi')
    await writeFile(script, nsisScript(payload, 'files', file))
    await runTool('makensis', commandOf('exe', script, file).slice(1), {
      env: { SOURCE_DATE_EPOCH: String(payload.time) },
    })
  },
}

function commandOf(format: WindowsFormat, source: string, file: string): string[] {
  return format === 'msi'
    ? ['wixl', '--output', file, source]
    : ['makensis', '-NOCONFIG', '-V1', '-INPUTCHARSET', 'UTF8', source]
}

/** The commands of a build, with `$STAGE` for the folder of the work. */
export function windowsCommands(
  payload: Payload,
  { formats, authorities }: { formats: readonly WindowsFormat[]; authorities: readonly string[] },
): string[][] {
  return formats.flatMap((format) => {
    const file = `$STAGE/${windowsName(payload, format)}`
    const source = format === 'msi' ? '$STAGE/product.wxs' : '$STAGE/setup.nsi'
    const key = { pfx: '$WINDOWS_PFX_PATH', title: payload.title }
    return [
      commandOf(format, source, file),
      ...authorities.slice(0, 1).flatMap((authority) => [
        ['osslsigncode', ...signArguments(key, '$STAGE/password', authority, file, `${file}.signed`)],
        ['osslsigncode', 'verify', '-CAfile', '$CA', '-TSA-CAfile', '$TIMESTAMP_CA', '-in', `${file}.signed`],
      ]),
    ]
  })
}

/** Writes the files and the sources of both installers into a new folder. */
export async function writeSources(
  payload: Payload,
  folder: string,
  names: Readonly<Record<WindowsFormat, string>>,
): Promise<void> {
  makeFolder(dirname(folder), 0o777)
  await mkdir(folder)
  await unpack(payload, join(folder, 'files'))
  await writeFile(join(folder, 'product.wxs'), wixSource(payload, 'files'))
  await writeFile(join(folder, 'setup.nsi'), nsisScript(payload, 'files', names.exe))
  await writeFile(join(folder, 'names.json'), `${JSON.stringify(names)}\n`)
}
