import { Component, useEffect, useEffectEvent, type ReactNode } from "react";
import { useMessages } from "../messages/messages.tsx";
import { Broken } from "./broken.tsx";
import { toast } from "./toasts.tsx";

interface BoundaryProps {
  /** All of the page is in it. */
  readonly whole?: boolean;
  /** It stands beside the rest of the page, and takes no room of it where it fails: a toast says so. */
  readonly beside?: boolean;
  /** What is shown: where it is something else, that is tried. */
  readonly shown?: string | null;
  /** How it looks where something failed, outside the flow of the page. */
  readonly className?: string | undefined;
  readonly children: ReactNode;
}

interface BoundaryState {
  readonly failed: boolean;
  readonly shown: BoundaryProps["shown"];
}

/** What stands in it can fail without taking the rest of the page along: a view whose file can't be fetched, or that has a fault. */
export class Boundary extends Component<BoundaryProps, BoundaryState> {
  override state: BoundaryState = { failed: false, shown: this.props.shown };

  static getDerivedStateFromError(): Partial<BoundaryState> {
    return { failed: true };
  }

  static getDerivedStateFromProps({ shown }: BoundaryProps, before: BoundaryState): BoundaryState | null {
    return shown === before.shown ? null : { failed: false, shown };
  }

  override render(): ReactNode {
    const { whole = false, beside = false, className, children } = this.props;
    if (!this.state.failed) return children;
    return beside ? <Told /> : <InPlace whole={whole} className={className} />;
  }
}

function Told(): ReactNode {
  const { common } = useMessages();
  const tell = useEffectEvent(() => {
    const { text, reload } = common.broken;
    toast({ text, tone: "error", action: { label: reload, run: () => location.reload() } });
  });
  useEffect(() => tell(), []);
  return null;
}

function InPlace(props: Pick<BoundaryProps, "whole" | "className">): ReactNode {
  const { common } = useMessages();
  return <Broken texts={common.broken} {...props} />;
}
