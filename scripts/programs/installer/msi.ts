import { createHash } from 'node:crypto'
import type { Payload, PayloadFile } from './payload.ts'

/**
 * The source of an MSI, as WiX 3 and wixl read it. A newer version replaces an older one, because all versions of a
 * product have one upgrade code; its parts keep their codes as long as they keep their paths.
 * @param folder the folder with the files, relative to that of the source: wixl finds no absolute path
 */
export function wixSource(payload: Payload, folder: string): string {
  const { name, title, publisher, description, files } = payload
  const version = msiVersion(payload.version)
  const own = (what: string): string => guid(`${name}/${what}`)
  const about = `Manufacturer="${xml(publisher)}"`
  const components = files.map((_, index) => `      <ComponentRef Id="c${index}"/>`)
  return [
    '<?xml version="1.0" encoding="utf-8"?>',
    '<Wix xmlns="http://schemas.microsoft.com/wix/2006/wi">',
    `  <Product Id="${own(`product/${payload.version}`)}" UpgradeCode="${own('upgrade')}" Name="${xml(title)}" Version="${version}" ${about} Language="1033" Codepage="65001">`,
    `    <Package Description="${xml(description)}" ${about} InstallerVersion="200" Languages="1033" SummaryCodepage="65001" Compressed="yes" InstallScope="perMachine"/>`,
    '    <MajorUpgrade DowngradeErrorMessage="A newer version is installed."/>',
    '    <Media Id="1" Cabinet="product.cab" EmbedCab="yes"/>',
    '    <Directory Id="TARGETDIR" Name="SourceDir"><Directory Id="ProgramFilesFolder" Name="PFiles">',
    `      <Directory Id="INSTALLDIR" Name="${xml(title)}">`,
    ...directories(files, folder, own),
    '      </Directory>',
    '    </Directory></Directory>',
    '    <Feature Id="all" Level="1">',
    ...components,
    '    </Feature>',
    '  </Product>',
    '</Wix>',
    '',
  ].join('\n')
}

/** Windows Installer knows no pre-releases: `1.4.0-rc.1` is `1.4.0` to it. */
export function msiVersion(version: string): string {
  return /^\d+\.\d+\.\d+/.exec(version)?.[0] ?? version
}

interface Folder {
  folders: Map<string, Folder>
  files: { name: string; index: number; path: string }[]
}

function directories(files: readonly PayloadFile[], source: string, own: (what: string) => string): string[] {
  const top: Folder = { folders: new Map(), files: [] }
  for (const [index, { path }] of files.entries()) {
    const parts = path.split('/')
    let at = top
    for (const part of parts.slice(0, -1)) {
      const next = at.folders.get(part) ?? { folders: new Map(), files: [] }
      at.folders.set(part, next)
      at = next
    }
    at.files.push({ name: parts.at(-1) ?? '', index, path })
  }
  let count = 0
  const lines = ({ folders, files: here }: Folder, indent: string): string[] => [
    ...here.map(
      ({ name, index, path }) =>
        `${indent}<Component Id="c${index}" Guid="${own(`file/${path}`)}"><File Id="f${index}" Name="${xml(name)}" Source="${xml(`${source}/${path}`)}" KeyPath="yes"/></Component>`,
    ),
    ...[...folders].flatMap(([name, folder]) => [
      `${indent}<Directory Id="d${(count += 1)}" Name="${xml(name)}">`,
      ...lines(folder, `${indent}  `),
      `${indent}</Directory>`,
    ]),
  ]
  return lines(top, '        ')
}

/** A code that is the same whenever it is made from the same words. */
function guid(words: string): string {
  const hex = createHash('sha256').update(`runbook installer ${words}`).digest('hex').toUpperCase()
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    '-',
  )
}

function xml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll(/\p{Cc}/gu, ' ')
}
