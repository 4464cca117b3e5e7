import { Suspense, type ReactNode } from "react";
import { Boundary } from "./boundary.tsx";

/** What is fetched when it is wanted and stands beside the rest of the page: nothing is there until it comes, and where it fails, a toast says so. */
export function Beside({ children }: { readonly children: ReactNode }): ReactNode {
  return (
    <Boundary beside>
      <Suspense fallback={null}>{children}</Suspense>
    </Boundary>
  );
}
