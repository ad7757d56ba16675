//! Memory for futures that come and go. What is in a request's future is needed while the request is served, and not while its
//! connection waits for the next one: there are many more idle connections than requests.

use std::{
    any::Any,
    cell::RefCell,
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

/// How many places are kept at most.
const MAXIMUM_FREE: usize = 256;

/// A place for a future.
type Place<F> = Pin<Box<Option<F>>>;

/// Places that are free. Futures of one type only should be held in it: a place of another is given up.
#[derive(Default)]
pub(crate) struct FuturePool {
    free: RefCell<Vec<Box<dyn Any>>>,
}

impl FuturePool {
    /// Puts a future into a place, until it is done or dropped.
    pub fn hold<F: Future + 'static>(&self, future: F) -> Held<'_, F> {
        let free = self.free.borrow_mut().pop();
        let mut place =
            free.and_then(|place| place.downcast::<Place<F>>().ok()).unwrap_or_else(|| Box::new(Box::pin(None)));
        place.as_mut().set(Some(future));
        Held { pool: self, place: Some(place) }
    }
}

/// A future in its place.
pub(crate) struct Held<'a, F: 'static> {
    pool: &'a FuturePool,
    /// Some until it is dropped.
    place: Option<Box<Place<F>>>,
}

impl<F: Future> Future for Held<'_, F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let future = self.place.as_mut().and_then(|place| Pin::as_mut(place).as_pin_mut());
        future.expect("it is in its place until it is dropped").poll(context)
    }
}

impl<F> Drop for Held<'_, F> {
    fn drop(&mut self) {
        let Some(mut place) = self.place.take() else { return };
        place.as_mut().set(None);
        let mut free = self.pool.free.borrow_mut();
        if free.len() < MAXIMUM_FREE {
            free.push(place);
        }
    }
}

impl fmt::Debug for FuturePool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FuturePool").field("free", &self.free.borrow().len()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{future::ready, rc::Rc};

    #[tokio::test]
    async fn a_place_is_used_again_and_what_was_in_it_is_dropped() {
        let pool = FuturePool::default();
        let kept = Rc::new(());
        let work = |number: u32| {
            let kept = Rc::clone(&kept);
            async move {
                tokio::task::yield_now().await;
                drop(kept);
                number
            }
        };
        let (one, two) = (pool.hold(work(1)), pool.hold(work(2)));
        drop(one);
        assert_eq!((two.await, Rc::strong_count(&kept)), (2, 1));
        assert_eq!(pool.free.borrow().len(), 2);
        assert_eq!(pool.hold(work(3)).await, 3);
        assert_eq!(pool.free.borrow().len(), 2);
        assert_eq!(pool.hold(ready("of another type")).await, "of another type");
    }
}
