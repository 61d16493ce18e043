import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Metafile } from 'esbuild'
import { compareText } from '../../../runner/model/compare-text.ts'

/** A package whose code is inside a bundle. */
export interface BundledPackage {
  name: string
  version: string
  /** As its manifest says it, an SPDX expression. */
  license: string
  /** The texts of its license files. */
  texts: string[]
  /** The digest by which npm installed it, such as `sha512-…`. */
  integrity: string | undefined
}

interface Lock {
  packages: Record<string, { integrity?: string }>
}

/**
 * The packages whose code the bundles contain, by name, as the bundler counted it.
 * @throws {Error} when one of them has neither the text of a license nor one that is known
 */
export function bundledPackages(root: string, metafiles: readonly Metafile[]): BundledPackage[] {
  const folders = new Set(
    metafiles
      .flatMap(({ outputs }) => Object.values(outputs))
      .flatMap(({ inputs }) => Object.entries(inputs))
      .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
      // A module that is not a file has the name of its kind and a colon before it.
      .flatMap(([file]) => /^[^:]*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? []),
  )
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as Lock
  return [...folders]
    .map((folder) => readPackage(root, folder, lock))
    .toSorted((a, b) => compareText(a.name, b.name))
}

/** Reads the folder of an installed package. @throws {Error} when its manifest names no license */
export function readPackage(root: string, folder: string, lock: Lock): BundledPackage {
  const { name, version, license } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as {
    name: string
    version: string
    license?: string
  }
  const texts = readdirSync(join(root, folder), { withFileTypes: true })
    .filter((file) => file.isFile() && /^(licen[cs]e|copying|notice)/i.test(file.name))
    .map((file) => file.name)
    .toSorted()
    .map((text) => readFileSync(join(root, folder, text), 'utf8').trim())
  if (license === undefined) throw new Error(`${folder}/package.json names no license`)
  return { name, version, license, texts, integrity: lock.packages[folder]?.integrity }
}

/** The licenses of everything inside, for the people who receive it. `head` says what they are. */
export function licenseText(
  packages: readonly BundledPackage[],
  head = 'This package contains code of the packages below, each under its own license.',
): string {
  const parts = packages.map(({ name, version, license, texts }) => {
    const text =
      texts.length > 0
        ? texts.join('\n\n')
        : `No license file is in the package; its manifest says: ${license}.`
    return `${name} ${version}\n${license}\n\n${text}`
  })
  return `${[head, ...parts].join(`\n\n${'-'.repeat(80)}\n\n`)}\n`
}

/** A list of everything inside, in CycloneDX 1.5. The same packages give the same bytes. */
export function billOfMaterials(name: string, version: string, packages: readonly BundledPackage[]): object {
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    version: 1,
    metadata: { component: { type: 'application', name, version, purl: purl(name, version) } },
    components: packages.map((one) => ({
      type: 'library',
      'bom-ref': purl(one.name, one.version),
      name: one.name,
      version: one.version,
      purl: purl(one.name, one.version),
      licenses: [
        /^[\w.+-]+$/.test(one.license) ? { license: { id: one.license } } : { expression: one.license },
      ],
      ...hashes(one.integrity),
    })),
  }
}

function purl(name: string, version: string): string {
  return `pkg:npm/${name.replace('@', '%40')}@${version}`
}

function hashes(integrity: string | undefined): object {
  const [, alg, base64 = ''] = /^(sha512)-(.+)$/.exec(integrity ?? '') ?? []
  if (alg === undefined) return {}
  return { hashes: [{ alg: 'SHA-512', content: Buffer.from(base64, 'base64').toString('hex') }] }
}
