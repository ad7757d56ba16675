//! `goru image`: the files of images in the data directory, for instances that have a root file system.

use crate::{
    config::{Config, DriverChoice, Place},
    rootless,
};
use anyhow::Context as _;
use compute::{ImageStore, StoredImage, rootless::Rootless};
use model::ec2::image::ImageSource;
use serde_json::json;
use std::process::ExitCode;

/// Options of the command.
#[derive(clap::Args)]
pub struct Options {
    #[command(subcommand)]
    action: Action,
}

#[derive(clap::Subcommand)]
enum Action {
    /// Unpack an image now rather than when the first instance needs it, and verify it
    Import {
        #[command(flatten)]
        place: Place,
        /// `rootfs:FILE` or `oci:PATH`, as for `RegisterImage --image-location`
        source: String,
    },
    /// Show the images that were unpacked or made of instances
    List {
        #[command(flatten)]
        place: Place,
        /// How to print
        #[arg(long, value_enum, default_value_t)]
        output: super::Output,
    },
    /// Delete the files of an image; those that other images and instances need stay
    Remove {
        #[command(flatten)]
        place: Place,
        /// As `list` shows it
        source: String,
    },
}

/// Works on the data directory, whether a server runs on it or not.
pub fn run(options: &Options) -> anyhow::Result<ExitCode> {
    // Files of images belong to users that only exist in a user namespace, where the server is not root.
    let entered = match &options.action {
        Action::List { .. } => None,
        Action::Import { place, .. } | Action::Remove { place, .. } => {
            let config = Config::load(&place.flags())?;
            match rootless::join(&config.data_dir)? {
                None => rootless::enter(&Config { driver: DriverChoice::Sandbox, ..config })?,
                entered => entered,
            }
        }
    };
    let done = act(&options.action);
    if let Some(entered) = entered.filter(Rootless::is_new) {
        entered.end();
    }
    done
}

fn act(action: &Action) -> anyhow::Result<ExitCode> {
    match action {
        Action::Import { place, source } => {
            let parsed: ImageSource = source.parse()?;
            let absolute = absolute(parsed)?;
            let image = store(place)?.import(&absolute)?;
            super::print(&format!("{absolute}: {}, {} bytes\n", image.digest, image.size_bytes))?;
        }
        Action::List { place, output } => {
            let images = store(place)?.list();
            super::print(&match output {
                super::Output::Text => table(&images),
                super::Output::Json => format!("{:#}\n", document(&images)),
            })?;
        }
        Action::Remove { place, source } => {
            let store = store(place)?;
            let is_it = |image: &&StoredImage| image.source.to_string() == *source;
            let image = store.list().iter().find(is_it).map(|image| image.source.clone());
            let image = image.with_context(|| format!("there is no image `{source}`; `goru image list` shows them"))?;
            anyhow::ensure!(
                !matches!(image, ImageSource::Snapshot(_)),
                "{image} was made by CreateImage: deregister the image, and its files go"
            );
            store.forget(&image)?;
            let deleted = store.collect()?;
            super::print(&format!("{image}: removed, with {deleted} layers\n"))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn store(place: &Place) -> anyhow::Result<ImageStore> {
    Ok(ImageStore::open(&Config::load(&place.flags())?.data_dir)?)
}

/// The server's working directory is another one.
fn absolute(source: ImageSource) -> anyhow::Result<ImageSource> {
    let path = |path: String| anyhow::Ok(std::path::absolute(path)?.to_string_lossy().into_owned());
    Ok(match source {
        ImageSource::RootFs(file) => ImageSource::RootFs(path(file)?),
        ImageSource::Oci(file) => ImageSource::Oci(path(file)?),
        ImageSource::Host | ImageSource::Site | ImageSource::Directory(_) | ImageSource::Snapshot(_) => source,
    })
}

fn table(images: &[StoredImage]) -> String {
    if images.is_empty() {
        return "no images were unpacked\n".to_owned();
    }
    let command =
        |image: &StoredImage| image.command().map(|words| format!("\truns {}", words.join(" ").escape_debug()));
    let line = |image: &StoredImage| {
        let runs = command(image).unwrap_or_default();
        format!("{}\t{}\t{} bytes{runs}\n", image.source, image.digest, image.size_bytes)
    };
    images.iter().map(line).collect()
}

fn document(images: &[StoredImage]) -> serde_json::Value {
    let entry = |image: &StoredImage| json!({ "source": image.source.to_string(), "digest": image.digest.to_string(), "bytes": image.size_bytes, "command": image.command() });
    json!({ "images": images.iter().map(entry).collect::<Vec<_>>() })
}
