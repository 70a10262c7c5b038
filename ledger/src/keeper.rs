//! The one thread that owns the storage: it takes all that waits, writes it in one commit, and only then lets anybody go on. A storage
//! without a commit to share needs no thread.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use bidden::{Error, Kind};

use crate::storage::{Intended, Intent, Settlement, Storage};

/// So many writes share a commit at most: enough to hide its cost, few enough to keep the slowest quick.
const LARGEST_BATCH: usize = 256;

/// How long a worker that is heard of no more keeps what it has begun, where nothing else is asked for.
pub(crate) const LEASE: Duration = Duration::from_secs(60);

type Question = Box<dyn FnOnce(&mut dyn Storage) + Send>;

/// Holds one answer: a channel of any length makes room for thirty-one of them at once.
type Reply<T> = SyncSender<Result<T, Error>>;

enum Job {
    Intend(Box<Intent>, Reply<Intended>),
    Settle(Box<Settlement>, Reply<()>),
    Ask(Question),
    End,
}

/// Hands work to the thread that owns the storage, or does it at once. Shared by any number of threads.
#[derive(Debug)]
pub(crate) struct Keeper(Kept);

enum Kept {
    Apart(Apart),
    Here(Mutex<Box<dyn Storage>>),
}

impl std::fmt::Debug for Kept {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Kept::Apart(_) => "Apart",
            Kept::Here(_) => "Here",
        })
    }
}

/// The thread that owns a storage.
struct Apart {
    jobs: Sender<Job>,
    thread: Option<JoinHandle<()>>,
}

impl Keeper {
    /// Opens a storage on a thread of its own, so that it may be called from inside any runtime. Leases are renewed three times
    /// before they run out.
    pub(crate) fn open(lease: Duration, open: impl FnOnce() -> Result<Box<dyn Storage>, Error> + Send + 'static) -> Result<Self, Error> {
        let (jobs, waiting) = channel();
        let (opened, answer) = channel();
        let thread = std::thread::Builder::new()
            .name("bidden-ledger".to_owned())
            .spawn(move || match open() {
                Ok(storage) => {
                    let _ = opened.send(Ok(()));
                    keep(storage, &waiting, lease / 3);
                }
                Err(error) => {
                    let _ = opened.send(Err(error));
                }
            })
            .map_err(|error| Error::new(Kind::Internal, "no thread could be made for the ledger").with_source(error))?;
        match answer.recv() {
            Ok(Ok(())) => Ok(Keeper(Kept::Apart(Apart { jobs, thread: Some(thread) }))),
            Ok(Err(error)) => Err(error),
            Err(_) => Err(gone()),
        }
    }

    /// Keeps a storage that never waits.
    pub(crate) fn of(storage: Box<dyn Storage>) -> Self {
        Keeper(Kept::Here(Mutex::new(storage)))
    }

    /// Writes intents in one commit; durable on return.
    pub(crate) fn intend_all(&self, intents: Vec<Intent>) -> Result<Vec<Intended>, Error> {
        match &self.0 {
            Kept::Apart(apart) => apart.all(intents, |intent, reply| Job::Intend(Box::new(intent), reply)),
            Kept::Here(storage) => lock(storage).write(&[], &intents),
        }
    }

    /// Writes outcomes; durable on return.
    pub(crate) fn settle_all(&self, settlements: Vec<Settlement>) -> Result<(), Error> {
        match &self.0 {
            Kept::Apart(apart) => apart.all(settlements, |settlement, reply| Job::Settle(Box::new(settlement), reply)).map(drop),
            Kept::Here(storage) => lock(storage).write(&settlements, &[]).map(drop),
        }
    }

    /// Asks the storage something.
    pub(crate) fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&mut dyn Storage) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        match &self.0 {
            Kept::Apart(apart) => {
                let answer = apart.hand_in(|reply| {
                    // Nobody waits any more: the answer is not needed.
                    Job::Ask(Box::new(move |storage| drop(reply.send(question(storage)))))
                })?;
                answer.recv().map_err(|_| gone())?
            }
            Kept::Here(storage) => question(&mut **lock(storage)),
        }
    }
}

/// Whoever panicked before has written all or nothing.
fn lock(storage: &Mutex<Box<dyn Storage>>) -> MutexGuard<'_, Box<dyn Storage>> {
    storage.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Apart {
    /// Hands in a job, and gives where its answer will come.
    fn hand_in<A>(&self, job: impl FnOnce(Reply<A>) -> Job) -> Result<Receiver<Result<A, Error>>, Error> {
        let (reply, answer) = sync_channel(1);
        self.jobs.send(job(reply)).map_err(|_| gone())?;
        Ok(answer)
    }

    /// Hands in several jobs at once, and waits for the answers.
    fn all<T, A>(&self, asked: Vec<T>, job: impl Fn(T, Reply<A>) -> Job) -> Result<Vec<A>, Error> {
        let answers = asked.into_iter().map(|asked| self.hand_in(|reply| job(asked, reply))).collect::<Result<Vec<_>, _>>()?;
        answers.into_iter().map(|answer| answer.recv().map_err(|_| gone())?).collect()
    }
}

impl Drop for Apart {
    fn drop(&mut self) {
        // What was handed in before is written first.
        let _ = self.jobs.send(Job::End);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn gone() -> Error {
    Error::new(Kind::Storage, "the ledger's thread has ended")
}

fn keep(mut storage: Box<dyn Storage>, waiting: &Receiver<Job>, renewal: Duration) {
    let mut intents = Vec::new();
    let mut intent_replies = Vec::new();
    let mut settlements = Vec::new();
    let mut settlement_replies = Vec::new();
    let mut renewed = Instant::now();
    loop {
        if renewed.elapsed() >= renewal {
            renew(&mut *storage);
            renewed = Instant::now();
        }
        let first = match waiting.recv_timeout(renewal) {
            Ok(job) => job,
            Err(RecvTimeoutError::Timeout) => continue,
            Err(RecvTimeoutError::Disconnected) => return,
        };
        // Whoever is about to hand something in does so first and shares the commit; with a core to spare nobody waits.
        std::thread::yield_now();
        let mut questions = Vec::new();
        let mut is_last = false;
        for job in std::iter::once(first).chain(waiting.try_iter()).take(LARGEST_BATCH) {
            match job {
                Job::Intend(intent, reply) => {
                    intents.push(*intent);
                    intent_replies.push(reply);
                }
                Job::Settle(settlement, reply) => {
                    settlements.push(*settlement);
                    settlement_replies.push(reply);
                }
                Job::Ask(question) => {
                    questions.push(question);
                    // It must see what was handed in before it, and must not wait for what comes after.
                    break;
                }
                Job::End => {
                    is_last = true;
                    break;
                }
            }
        }
        if !(intents.is_empty() && settlements.is_empty()) {
            let written = storage.write(&settlements, &intents);
            settlements.clear();
            intents.clear();
            match written {
                Ok(intended) => {
                    settlement_replies.drain(..).for_each(|reply| drop(reply.send(Ok(()))));
                    intent_replies.drain(..).zip(intended).for_each(|(reply, intended)| drop(reply.send(Ok(intended))));
                }
                Err(error) => {
                    settlement_replies.drain(..).for_each(|reply| drop(reply.send(Err(error.clone()))));
                    intent_replies.drain(..).for_each(|reply| drop(reply.send(Err(error.clone()))));
                }
            }
        }
        questions.into_iter().for_each(|question| question(&mut *storage));
        if is_last {
            return;
        }
    }
}

fn renew(storage: &mut dyn Storage) {
    if let Err(error) = storage.renew() {
        // The lease runs out, and another worker resolves what is under way: the law holds all the same.
        tracing::warn!(kind = error.kind().slug(), "the ledger's leases could not be renewed");
    }
}
