import { Component, useEffect, useEffectEvent, type ReactNode } from "react";
import { useMessages } from "../messages/messages.tsx";
import { Button } from "./button.tsx";
import { Empty } from "./empty.tsx";
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
    if (this.state.failed && beside) return <Told />;
    return this.state.failed ? <Broken whole={whole} className={className} /> : children;
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

function Broken({ whole, className }: { readonly whole: boolean; readonly className: string | undefined }): ReactNode {
  const { common } = useMessages();
  const { title, text, reload } = common.broken;
  const Place = whole ? "main" : "div";
  return (
    <Place className={className}>
      <h1 className="visually-hidden">{title}</h1>
      <div role="alert">
        <Empty icon="error" title={title} text={text}>
          <Button kind="primary" onPress={() => location.reload()}>
            {reload}
          </Button>
        </Empty>
      </div>
    </Place>
  );
}
