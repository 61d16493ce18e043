import { join } from 'node:path'
import { defineCommand, flag, withDefault } from '../../../runner/kit/command.ts'
import type { CommandReport } from '../../../runner/kit/command.ts'
import { CliError } from '../../../runner/kit/error.ts'
import { exit } from '../../../runner/kit/exit.ts'
import { counted } from '../../../runner/model/counted.ts'
import { withProgress } from '../../../runner/kit/progress.ts'
import { choice, string, wordList } from '../../../runner/kit/types.ts'
import { AUTHORITIES, type Signing } from './authenticode.ts'
import { buildLinux, LINUX_FORMATS, type LinuxFormat } from './build-linux.ts'
import { appsOf, buildMacos, buildSubstitute, macosName } from './build-macos.ts'
import {
  buildWindows,
  writeSources,
  windowsCommands,
  windowsName,
  WINDOWS_FORMATS,
  type WindowsFormat,
} from './build-windows.ts'
import { judge, readArchive, readTrusted } from './certificate.ts'
import { BUILD, payloadOf, planOf, reportOf, SIGN, trustOf } from './installer-options.ts'
import { macosCommands } from './macos-commands.ts'
import { msiVersion } from './msi.ts'
import { linuxNeeds, macosNeeds, requireAll, substituteNeeds, windowsNeeds } from './requirements.ts'
import { rehearse } from './rehearsal/rehearse.ts'

const windowsFormats = Object.keys(WINDOWS_FORMATS) as WindowsFormat[]
const linuxFormats = Object.keys(LINUX_FORMATS) as LinuxFormat[]

const interrupted = 'Each file that was finished is whole, and nothing else is left.'

const windowsCommand = defineCommand({
  name: 'windows',
  summary: 'Make an MSI and a setup program, and sign both with a time stamp. Works on Linux and macOS.',
  args: {},
  options: {
    ...BUILD,
    ...SIGN,
    formats: withDefault(wordList(windowsFormats), 'msi exe', 'The forms to make.'),
    skipSigning: flag('Make them without a signature; the record of each says so.'),
  },
  effect: 'write',
  interrupted,
  examples: [
    'runbook installer windows --version 1.4.0 --repository .lab/storefront --skip-signing',
    'WINDOWS_PFX_PATH=signing.pfx WINDOWS_PFX_PASSWORD=… runbook installer windows --version 1.4.0 --repository .lab/storefront',
  ],
  async run({ io, options, dryRun }): Promise<CommandReport> {
    const { formats, skipSigning } = options
    const { env } = process
    const folder = join(options.out, 'windows')
    const authorities = options.timestamp.length === 0 ? AUTHORITIES : options.timestamp
    const needs = windowsNeeds(
      formats.map((one) => WINDOWS_FORMATS[one]),
      !skipSigning,
      env,
    )
    if (!dryRun) requireAll(needs)
    return await withProgress(io, 'Making the installers …', async () => {
      const payload = await payloadOf(options)
      const notes = preReleaseNote(payload.version, formats)
      if (dryRun)
        return planOf({
          commands: windowsCommands(payload, { formats, authorities: skipSigning ? [] : authorities }),
          files: formats.map((format) => join(folder, windowsName(payload, format))),
          notes: [...notes, ...(skipSigning ? ['nothing is signed: the call has --skip-signing'] : [])],
          missing: needs.filter(({ ok }) => !ok).map(({ what }) => what),
        })
      const key = { pfx: env['WINDOWS_PFX_PATH'] ?? '', password: env['WINDOWS_PFX_PASSWORD'] ?? '' }
      const signing = skipSigning
        ? undefined
        : { ...key, authorities, ...trustOf(options, options.publisher) }
      if (signing !== undefined) await requireSound(signing)
      const made = await buildWindows(payload, { formats, signing, rehearsal: false, folder })
      return reportOf(made, folder)
    })
  },
})

/** Refuses a certificate before anything is signed with it. @throws {CliError} */
async function requireSound({ pfx, password, ca, publisher }: Signing): Promise<void> {
  const trusted = await readTrusted(ca)
  const findings = judge(await readArchive(pfx, password), { trusted, publisher, now: new Date() })
  const bad = findings.filter(({ ok }) => !ok)
  if (bad.length === 0) return
  throw new CliError(
    exit.failed,
    `The certificate of WINDOWS_PFX_PATH may not sign, and nothing was made: ${bad.map(({ what, detail }) => `${what}: ${detail}`).join('; ')}`,
    '`runbook installer certificate` shows every finding.',
  )
}

function preReleaseNote(version: string, formats: readonly WindowsFormat[]): string[] {
  const number = msiVersion(version)
  return version === number || !formats.includes('msi')
    ? []
    : [`Windows Installer knows no pre-releases: ProductVersion is ${number}`]
}

const macosCommand = defineCommand({
  name: 'macos',
  summary:
    'Make a disk image, sign and notarize it. Only on macOS; elsewhere it stops before its first effect.',
  args: {},
  options: {
    ...BUILD,
    skipNotarize: flag('Sign the image, and do not send it to Apple.'),
    substitute: flag('Make an unsigned image of ISO 9660, on any system, whose name says `unsigned`.'),
  },
  effect: 'write',
  interrupted,
  examples: [
    'runbook installer macos --version 1.4.0 --repository .lab/storefront --dry-run',
    'runbook installer macos --version 1.4.0 --repository .lab/storefront --substitute',
  ],
  async run({ io, options, dryRun }): Promise<CommandReport> {
    const { substitute } = options
    const { env } = process
    const notarize = !options.skipNotarize
    const folder = join(options.out, 'macos')
    const needs = substitute ? substituteNeeds(env) : macosNeeds(notarize, env)
    if (!dryRun) requireAll(needs)
    return await withProgress(io, 'Making the image …', async () => {
      const payload = await payloadOf(options)
      if (!dryRun) {
        const made = substitute
          ? await buildSubstitute(payload, folder)
          : await buildMacos(payload, { notarize, folder, env })
        return reportOf([made], folder)
      }
      const name = macosName(payload, substitute)
      const image = `$STAGE/${name}`
      const commands = macosCommands({
        title: payload.title,
        stage: '$STAGE/files',
        apps: appsOf(payload),
        image,
        notarize,
      })
      return planOf({
        commands: substitute ? [] : commands.map(({ argv }) => argv),
        files: [join(folder, name)],
        notes: [
          substitute
            ? 'the image is a substitute: it is neither signed nor notarized'
            : 'these commands exist only on macOS',
          ...(notarize || substitute ? [] : ['nothing is notarized: the call has --skip-notarize']),
        ],
        missing: needs.filter(({ ok }) => !ok).map(({ what }) => what),
      })
    })
  },
})

const linuxCommand = defineCommand({
  name: 'linux',
  summary:
    'Make a .deb and an .rpm that install the product below /opt. The same commit gives the same bytes.',
  args: {},
  options: {
    ...BUILD,
    formats: withDefault(wordList(linuxFormats), 'deb rpm', 'The forms to make.'),
    architecture: withDefault(
      choice(['any', 'x64', 'arm64']),
      'any',
      'The processor that the files are for.',
    ),
    maintainer: withDefault(
      string('name <address>'),
      'unknown <root@localhost>',
      'Who answers for the package.',
    ),
  },
  effect: 'write',
  interrupted,
  examples: [
    'runbook installer linux --version 1.4.0 --repository .lab/storefront --maintainer "Ada <ada@example.com>"',
  ],
  async run({ io, options, dryRun }): Promise<CommandReport> {
    const { formats, architecture, maintainer } = options
    const folder = join(options.out, 'linux')
    const needs = linuxNeeds(
      formats.map((one) => LINUX_FORMATS[one]),
      process.env,
    )
    if (!dryRun) requireAll(needs)
    return await withProgress(io, 'Making the packages …', async () => {
      const payload = await payloadOf(options)
      if (!dryRun)
        return reportOf(await buildLinux(payload, { formats, architecture, maintainer, folder }), folder)
      return planOf({
        commands: formats.map((format) => [LINUX_FORMATS[format], '…', payload.name, payload.version]),
        files: formats.map((format) => `${folder}/${payload.name} ${payload.version} as .${format}`),
        notes: ['packages are not signed; sign the repository they go to'],
        missing: needs.filter(({ ok }) => !ok).map(({ what }) => what),
      })
    })
  },
})

const rehearseCommand = defineCommand({
  name: 'rehearse',
  summary:
    'Make all installers without credentials: signed by a certificate made for the occasion, with time stamps of a server of ours; the image for macOS is an unsigned substitute.',
  args: {},
  options: { ...BUILD, out: withDefault(BUILD.out.type, 'build/rehearsal', 'The folder for them.') },
  effect: 'write',
  interrupted,
  examples: ['runbook installer rehearse --version 1.4.0 --repository .lab/storefront'],
  async run({ io, options, dryRun }): Promise<CommandReport> {
    const tools = [...Object.values(WINDOWS_FORMATS), 'osslsigncode', 'openssl']
    const needs = [
      ...windowsNeeds(tools, false, process.env),
      ...linuxNeeds(Object.values(LINUX_FORMATS), process.env),
      ...substituteNeeds(process.env),
    ]
    if (!dryRun) requireAll(needs)
    return await withProgress(io, 'Making the installers …', async () => {
      const payload = await payloadOf(options)
      if (!dryRun) return reportOf(await rehearse(payload, options.out), options.out)
      return planOf({
        commands: windowsCommands(payload, { formats: windowsFormats, authorities: ['http://127.0.0.1:…'] }),
        files: [
          ...windowsFormats.map((format) => windowsName(payload, format)),
          macosName(payload, true),
        ].map((name) => join(options.out, name)),
        notes: ['no system trusts the certificate; `runbook upload` refuses a rehearsal'],
        missing: needs.filter(({ ok }) => !ok).map(({ what }) => what),
      })
    })
  },
})

const sourceCommand = defineCommand({
  name: 'source',
  summary:
    'Write the files and the sources of the installers for Windows, for WiX and NSIS on Windows itself.',
  args: {},
  options: {
    ...BUILD,
    out: withDefault(BUILD.out.type, 'build/source', 'The folder for them; it must not exist.'),
  },
  effect: 'write',
  examples: ['runbook installer source --version 1.4.0 --repository .lab/storefront --out build/source'],
  async run({ options: { out, ...options }, dryRun }): Promise<CommandReport> {
    const payload = await payloadOf({ ...options, out })
    const names = { msi: windowsName(payload, 'msi'), exe: windowsName(payload, 'exe') }
    if (!dryRun) await writeSources(payload, out, names)
    const text = `${dryRun ? '$ would write' : '+ wrote'} ${out}: product.wxs, setup.nsi, names.json and ${counted(payload.files.length, 'file')}\n`
    return { document: { ok: true, dryRun, out, names }, text }
  },
})

export const buildCommands = [windowsCommand, macosCommand, linuxCommand, rehearseCommand, sourceCommand]
