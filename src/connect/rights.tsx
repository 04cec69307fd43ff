/** The permission matrix: granted, missing, not checked, with the picture of a missing one's tick box. */
import type { PermissionState, Picture as PictureOf, ProviderTexts } from "../providers/provider.ts"
import { Picture } from "../ui/picture.tsx"
import type { Texts } from "../ui/texts/en.ts"

export interface RightsProps {
  readonly texts: Texts
  readonly providerTexts: ProviderTexts
  readonly title: string
  readonly permissions: Readonly<Record<string, PermissionState>>
}

/** A card with the matrix, by the groups of the provider's screen. */
export function RightsTable({ texts, providerTexts, title, permissions }: RightsProps) {
  return (
    <section class="card" aria-labelledby="rights">
      <h2 id="rights">{title}</h2>
      <Matrix texts={texts} providerTexts={providerTexts} permissions={permissions} />
    </section>
  )
}

/** The table alone. */
export function Matrix({ texts, providerTexts, permissions }: Omit<RightsProps, "title">) {
  const groups = Map.groupBy(Object.entries(permissions), ([name]) => name.split(":")[0] ?? "")
  return (
    <table>
      {[...groups].map(([group, rows]) => {
        const screenGroup = providerTexts.permissionGroups[group] ?? group
        return (
          <tbody>
            <tr>
              <th colspan={2} scope="colgroup">
                {screenGroup}
              </th>
            </tr>
            {rows.map(([permission, state]) => (
              <Row
                texts={texts}
                state={state}
                name={permission.slice(permission.indexOf(":") + 1)}
                group={screenGroup}
                picture={providerTexts.permissionPicture}
              />
            ))}
          </tbody>
        )
      })}
    </table>
  )
}

function Row({
  texts,
  name,
  group,
  state,
  picture,
}: {
  texts: Texts
  name: string
  group: string
  state: PermissionState
  picture: PictureOf | undefined
}) {
  const words = {
    granted: ["ok", texts.rightOn],
    missing: ["no", texts.rightOff],
    unknown: ["na", texts.rightUnknown],
  } as const
  const [tone, text] = words[state]
  return (
    <tr>
      <td>
        <code>{name}</code>
        {state === "missing" && picture !== undefined ? (
          <Picture picture={picture} values={{ group, permission: name }} />
        ) : null}
      </td>
      <td class={tone}>{text}</td>
    </tr>
  )
}
