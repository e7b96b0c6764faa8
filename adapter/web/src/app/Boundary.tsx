import { Component, type ErrorInfo, type ReactNode } from "react";
import { useLocation } from "react-router";
import { ErrorPage } from "./pages/ErrorPage";

type Props = { children: ReactNode; where: string; whole: boolean };

class Net extends Component<Props, { error: unknown; where: string }> {
  override state = { error: undefined as unknown, where: this.props.where };

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  // Another page is a new attempt.
  static getDerivedStateFromProps(props: Props, state: { where: string }) {
    return props.where === state.where ? null : { where: props.where, error: undefined };
  }

  override componentDidCatch(error: unknown, info: ErrorInfo) {
    console.error(error, info.componentStack);
  }

  override render() {
    if (this.state.error === undefined) return this.props.children;
    return this.props.whole ? (
      <main>
        <ErrorPage />
      </main>
    ) : (
      <ErrorPage />
    );
  }
}

/** Shows the error page in place of what broke, until one goes elsewhere. `whole`: there is no frame around it. */
export function Boundary({ children, whole = false }: { children: ReactNode; whole?: boolean }) {
  return (
    <Net where={useLocation().key} whole={whole}>
      {children}
    </Net>
  );
}
