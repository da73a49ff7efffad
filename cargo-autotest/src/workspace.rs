//! The Cargo workspace of the current directory, as `cargo metadata` sees it.

use std::path::{Path, PathBuf};

use cargo_metadata::{Metadata, MetadataCommand, Package, TargetKind};

/// The library name of the framework.
pub(crate) const FRAMEWORK: &str = "autotest";

/// A workspace with its members and their dependencies.
#[derive(Debug)]
pub(crate) struct Workspace {
    metadata: Metadata,
}

/// An error when reading the workspace.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WorkspaceError {
    #[error("there is no Cargo workspace here; go to one, or make one with `cargo autotest new`")]
    None,
    #[error("failed to read the workspace: {0}")]
    Unreadable(String),
}

impl Workspace {
    /// Reads the workspace of the current directory, without its dependencies. Nothing is downloaded.
    ///
    /// # Errors
    /// If there is none, or Cargo cannot read it.
    pub(crate) fn members_only() -> Result<Workspace, WorkspaceError> {
        Workspace::from(MetadataCommand::new().no_deps())
    }

    /// Reads the workspace of a manifest, with the dependencies for `target`. Creates `Cargo.lock` if there is none.
    ///
    /// # Errors
    /// If Cargo cannot read it.
    pub(crate) fn of_target(manifest: &Path, target: &str) -> Result<Workspace, WorkspaceError> {
        let filter = ["--filter-platform".to_owned(), target.to_owned()];
        let mut command = MetadataCommand::new();
        Workspace::from(command.manifest_path(manifest).other_options(filter))
    }

    fn from(command: &mut MetadataCommand) -> Result<Workspace, WorkspaceError> {
        let metadata = command.exec().map_err(|error| match error {
            cargo_metadata::Error::CargoMetadata { stderr } => {
                let stderr = stderr.trim().trim_start_matches("error: ");
                match stderr.starts_with("could not find `Cargo.toml`") {
                    true => WorkspaceError::None,
                    false => WorkspaceError::Unreadable(stderr.to_owned()),
                }
            }
            other => WorkspaceError::Unreadable(other.to_string()),
        })?;
        Ok(Workspace { metadata })
    }

    /// The directory of its manifest.
    pub(crate) fn root(&self) -> &Path {
        self.metadata.workspace_root.as_std_path()
    }

    /// The target directory.
    pub(crate) fn target_dir(&self) -> &Path {
        self.metadata.target_directory.as_std_path()
    }

    /// Its manifest.
    pub(crate) fn manifest(&self) -> PathBuf {
        self.root().join("Cargo.toml")
    }

    /// The names and manifests of the members.
    pub(crate) fn members(&self) -> impl Iterator<Item = (&str, &Path)> {
        let members = self.metadata.workspace_packages().into_iter();
        members.map(|package| (package.name.as_str(), package.manifest_path.as_std_path()))
    }

    /// The name of the member with this manifest.
    pub(crate) fn member_at(&self, manifest: &Path) -> Option<&str> {
        let mut members = self.members();
        members.find_map(|(name, path)| (path == manifest).then_some(name))
    }

    /// The member with this name.
    pub(crate) fn member(&self, name: &str) -> Option<&Package> {
        let mut members = self.metadata.workspace_packages().into_iter();
        members.find(|package| package.name.as_str() == name)
    }

    /// The packages that are local directories, not downloads.
    pub(crate) fn local_packages(&self) -> impl Iterator<Item = &Package> {
        let packages = self.metadata.packages.iter();
        packages.filter(|package| package.source.is_none())
    }

    /// The package of the framework on which a member depends.
    pub(crate) fn framework_of(&self, member: &Package) -> Option<&Package> {
        let resolve = self.metadata.resolve.as_ref()?;
        let node = resolve.nodes.iter().find(|node| node.id == member.id)?;
        let mut packages = node.dependencies.iter().map(|id| &self.metadata[id]);
        packages.find(|package| library(package) == Some(FRAMEWORK))
    }

    /// Cargo's metadata, with the dependency graph.
    pub(crate) fn metadata(&self) -> &Metadata {
        &self.metadata
    }
}

/// The name of the package's library target.
pub(crate) fn library(package: &Package) -> Option<&str> {
    let mut targets = package.targets.iter();
    let lib = targets.find(|target| {
        let mut kinds = target.kind.iter();
        kinds.any(|kind| matches!(kind, TargetKind::Lib | TargetKind::RLib))
    })?;
    Some(&lib.name)
}

/// The directory of the package.
pub(crate) fn directory(package: &Package) -> PathBuf {
    let manifest = package.manifest_path.as_std_path();
    manifest.parent().unwrap_or(manifest).to_owned()
}
