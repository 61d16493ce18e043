import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { Deployment } from 'kubernetes-models/apps/v1/Deployment'
import { HorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2/HorizontalPodAutoscaler'
import { Ingress } from 'kubernetes-models/networking.k8s.io/v1/Ingress'
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy'
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1/PodDisruptionBudget'
import { Role } from 'kubernetes-models/rbac.authorization.k8s.io/v1/Role'
import { RoleBinding } from 'kubernetes-models/rbac.authorization.k8s.io/v1/RoleBinding'
import { ConfigMap } from 'kubernetes-models/v1/ConfigMap'
import { Service } from 'kubernetes-models/v1/Service'
import { ServiceAccount } from 'kubernetes-models/v1/ServiceAccount'
import { expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { http } from '../runner/kinds/http/index.ts'
import { fakeContext, fenceOf } from './support/fake-context.ts'

const folder = join(import.meta.dirname, '../content/kubernetes')

interface Manifest {
  apiVersion: string
  kind: string
  metadata: { name: string }
  spec?: Record<string, unknown>
}

const manifests = readdirSync(folder).flatMap((file) =>
  parseAllDocuments(readFileSync(join(folder, file), 'utf8')).map((one) => one.toJS() as Manifest),
)

const models = {
  Deployment,
  HorizontalPodAutoscaler,
  Ingress,
  NetworkPolicy,
  PodDisruptionBudget,
  Role,
  RoleBinding,
  ConfigMap,
  Service,
  ServiceAccount,
}

/** Holds a manifest against the schema of its kind. Throws for one that the API would refuse. */
function validate(manifest: Manifest): void {
  const model = models[manifest.kind as keyof typeof models] as unknown as new (data: object) => {
    validate(): void
    apiVersion: string
  }
  const { apiVersion, kind: _, ...data } = manifest
  const made = new model(data)
  expect(apiVersion).toBe(made.apiVersion)
  made.validate()
}

test.each(manifests.map((one) => [`${one.kind} ${one.metadata.name}`, one] as const))(
  'the manifest of %s fits the schema of Kubernetes',
  (_, one) => {
    validate(one)
  },
)

test('a manifest with a wrong type or an unknown kind of probe is refused', () => {
  const [deployment] = manifests.filter(({ kind }) => kind === 'Deployment')
  expect(() =>
    validate({ ...(deployment as Manifest), spec: { ...deployment?.spec, replicas: 'two' } }),
  ).toThrow('replicas')
  expect(() => validate({ ...(deployment as Manifest), spec: {} })).toThrow('selector')
})

const specOf = (kind: string, name: string): Record<string, unknown> =>
  manifests.find((one) => one.kind === kind && one.metadata.name === name)?.spec ?? {}

test.each(['blue', 'green'])(
  '%s runs without root, has three probes, scales from 2 to 10, and keeps one pod',
  (color) => {
    const { template } = specOf('Deployment', `storefront-${color}`) as {
      template: { spec: Record<string, unknown> }
    }
    const { containers, securityContext } = template.spec as { containers: object[]; securityContext: object }
    expect(securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 1000 })
    expect(containers).toEqual([
      expect.objectContaining({
        securityContext: expect.objectContaining({
          readOnlyRootFilesystem: true,
          allowPrivilegeEscalation: false,
        }) as object,
        startupProbe: expect.objectContaining({ periodSeconds: 5, failureThreshold: 30 }) as object,
        readinessProbe: expect.objectContaining({ initialDelaySeconds: 10, periodSeconds: 5 }) as object,
        livenessProbe: expect.objectContaining({ initialDelaySeconds: 30, periodSeconds: 10 }) as object,
      }),
    ])
    expect(specOf('HorizontalPodAutoscaler', `storefront-${color}`)).toMatchObject({
      minReplicas: 2,
      maxReplicas: 10,
    })
    expect(specOf('PodDisruptionBudget', `storefront-${color}`)).toMatchObject({ minAvailable: 1 })
  },
)

test('a step that looks as the startup probe does looks 30 times in 150 seconds, then fails', async () => {
  const { template } = specOf('Deployment', 'storefront-green') as {
    template: {
      spec: { containers: [{ startupProbe: { periodSeconds: number; failureThreshold: number } }] }
    }
  }
  const { periodSeconds, failureThreshold } = template.spec.containers[0].startupProbe
  const params = http.params.parse({
    until: `${periodSeconds * failureThreshold}s`,
    interval: `${periodSeconds}s`,
  })
  const fences = [fenceOf('http', 'GET http://127.0.0.1/healthz')]
  /** What a service comes to that answers 200 from a look on. */
  const lookedAt = async (from: number) => {
    const context = fakeContext({
      step: { fences, effect: 'read' },
      http: (_, look) => ({ status: look < from ? 503 : 200 }),
    })
    const { status, message } = await http.run(params, context)
    return { status, message, waited: context.clock.monotonic() }
  }
  expect(await lookedAt(failureThreshold)).toMatchObject({ status: 'passed', waited: 145_000 })
  expect(await lookedAt(failureThreshold + 1)).toEqual({
    status: 'failed',
    message: 'answered 503 in 1 ms, expected 200-299, and did not hold within 2m 30s (30 looks)',
    waited: 145_000,
  })
})

test('the two colors differ in their color alone', () => {
  const [blue, green] = ['blue', 'green'].map((color) =>
    readFileSync(join(folder, `${color}-deployment.yaml`), 'utf8'),
  )
  expect(blue?.replaceAll('blue', 'green')).toBe(green)
})
